import type { User } from '../../contract/accounts.js';
import type { ApiKey } from '../../contract/keys.js';
import type { Scope } from '../../contract/scopes.js';

export interface KeyToStore {
  id: string;
  userId: number;
  name: string;
  hash: string;
  prefix: string;
  scopes: readonly Scope[];
  expiresAt: Date | null;
}

export interface ActiveKey {
  id: string;
  /** The key is neither revoked nor expired, by Postgres' clock. */
  isAlive: boolean;
  scopes: Scope[];
  expiresAt: Date | null;
  user: User;
  /** All permissions of the user's roles, as stored. */
  permissions: string[];
}

export interface KeyRepository {
  /**
   * Null: the user has `most` keys already. Deletes keys that ended long ago. Call it while the user's row is locked.
   */
  create(key: KeyToStore, most: number): Promise<ApiKey | null>;
  /** Lists the keys that are not revoked, newest first; at most `most`. */
  list(userId: number, most: number): Promise<ApiKey[]>;
  /** False if it belongs to another user, was already revoked, or does not exist. */
  revoke(userId: number, id: string): Promise<boolean>;
  /** Returns the ids of the keys that were not revoked before. */
  revokeAll(userId: number): Promise<string[]>;
  /** Finds the owner of the key with this hash, whatever its state. The owner never changes. */
  owner(hash: string): Promise<{ id: string; userId: number } | null>;
  /** Keys with their users, including ended and disabled ones: the caller judges. One query, run on every request. */
  findWithUsers(ids: readonly string[]): Promise<ActiveKey[]>;
  /** Records a use, unless one was recorded within the last minute. */
  use(id: string): Promise<void>;
  /** Deletes at most `rows` keys that ended a month ago. Returns their number. */
  prune(rows: number): Promise<number>;
}
