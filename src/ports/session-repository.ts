import type { User } from '../contract/rest.js';
import type { Device, SessionRecord } from '../model/entities.js';

export interface NewSession extends Device {
  id: string;
  userId: number;
  rotatedAt: Date;
  expiresAt: Date;
}

export interface ActiveSession {
  session: SessionRecord;
  user: User;
  /** All that the user's roles have, as stored. */
  permissions: string[];
}

/** A session as sockets need it. */
export interface SessionState {
  id: string;
  /** Neither revoked nor expired. */
  isAlive: boolean;
  /** Of its user. */
  isActive: boolean;
  username: string;
  roles: string[];
  /** As stored. */
  permissions: string[];
}

export interface SessionRepository {
  create(session: NewSession): Promise<SessionRecord>;
  /** Locks the row until the transaction ends, so that concurrent refreshes take turns. */
  findForUpdate(id: string): Promise<SessionRecord | null>;
  /** Sessions with their users, revoked, expired or disabled ones included: the caller judges. One query; called on every request. */
  findWithUsers(ids: readonly string[]): Promise<ActiveSession[]>;
  /** `rotatedAt` is also the time of its last use. */
  rotate(
    id: string,
    turn: Device & { gen: number; rotatedAt: Date; seenGen: number; expiresAt: Date },
  ): Promise<void>;
  /** Records that tokens were issued again without a rotation. */
  touch(id: string, use: Device & { at: Date }): Promise<void>;
  /**
   * The addresses from which a user has signed in lately, each once, including logged-out sessions. The email is
   * compared as `findCredentials` does.
   */
  addressesOf(email: string): Promise<string[]>;
  /** The state of these sessions, in one statement. Missing ones no longer exist. */
  states(ids: readonly string[]): Promise<SessionState[]>;
  /**
   * One of a user's sessions as it stands, which stays so until the transaction ends: whoever would end it, or holds it
   * too, has the next turn. The user's row is locked before it, as everywhere. Null: it is gone, or another user's.
   */
  hold(userId: number, id: string): Promise<SessionState | null>;
  /** Records that a token of `gen` was presented. No-op if a higher one was. */
  markSeen(id: string, gen: number): Promise<void>;
  /** False if it was already revoked or does not exist. */
  revoke(id: string): Promise<boolean>;
  /** Revokes a user's live sessions, but for `exceptId`; returns their ids. */
  revokeAll(userId: number, exceptId?: string): Promise<string[]>;
  /** False if it is another user's, was already revoked, or does not exist. */
  revokeOwn(userId: number, id: string): Promise<boolean>;
  /** Forgets at most `rows` that have expired; returns how many. */
  prune(rows: number): Promise<number>;
  /** Live sessions, most recently used first; at most `LIMITS.sessions`. */
  listLive(userId: number): Promise<SessionRecord[]>;
  /** Revokes those of a user's live sessions that were used least recently, beyond `keep`; returns their ids. */
  revokeOldest(userId: number, keep: number): Promise<string[]>;
}
