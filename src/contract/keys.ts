import type { Scope } from './scopes.js';
import type { Timestamp } from './timestamp.js';

/** Body of `POST /users/me/keys`. */
export interface KeyBody {
  /** The name helps people to tell keys apart. */
  name: string;
  /** Default: `chat`. */
  scopes?: Scope[];
  /** The key is dead from then on. Default: never. */
  expires_at?: Timestamp;
}

/** A key with which a program acts for its user. */
export interface ApiKey {
  id: string;
  name: string;
  /** How the key begins. */
  prefix: string;
  scopes: Scope[];
  created_at: Timestamp;
  /** Null: it does not expire. */
  expires_at: Timestamp | null;
  /** Exact to the minute; null until it is used. */
  last_used_at: Timestamp | null;
}

/** A new key. `key` is never shown again. */
export interface NewApiKey extends ApiKey {
  key: string;
}
