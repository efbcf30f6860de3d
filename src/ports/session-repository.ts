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

/** A session as a socket needs to know it. */
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
  /** Locks the row until the transaction ends: concurrent refreshes take turns. */
  findForUpdate(id: string): Promise<SessionRecord | null>;
  /** Sessions with their users, revoked, expired or disabled ones included: the caller judges. One query; called on every request. */
  findWithUsers(ids: readonly string[]): Promise<ActiveSession[]>;
  /** `rotatedAt` is also when it was last used. */
  rotate(
    id: string,
    turn: Device & { gen: number; rotatedAt: Date; seenGen: number; expiresAt: Date },
  ): Promise<void>;
  /** Records that tokens were given out again without a turn. */
  touch(id: string, use: Device & { at: Date }): Promise<void>;
  /** From where a user has signed in lately, each once, logged-out sessions included. The email is compared as `findCredentials` does. */
  addressesOf(email: string): Promise<string[]>;
  /** How these sessions stand, in one statement; what is missing is gone. */
  states(ids: readonly string[]): Promise<SessionState[]>;
  /**
   * One of a user's sessions as it stands, which stays so until the transaction ends: whoever would end it, or holds it
   * too, has the next turn. The user's row is locked before it, as everywhere. Null: it is gone, or another user's.
   */
  hold(userId: number, id: string): Promise<SessionState | null>;
  /** Records that a token of `gen` was presented. No-op when a higher one was. */
  markSeen(id: string, gen: number): Promise<void>;
  /** False when it was revoked already or does not exist. */
  revoke(id: string): Promise<boolean>;
  /** Revokes a user's live sessions, but for `exceptId`; returns their ids. */
  revokeAll(userId: number, exceptId?: string): Promise<string[]>;
  /** False when it is not this user's, was revoked already, or does not exist. */
  revokeOwn(userId: number, id: string): Promise<boolean>;
  /** Forgets at most `rows` that have expired; returns how many. */
  prune(rows: number): Promise<number>;
  /** Neither revoked nor expired, used last first; at most `LIMITS.sessions`. */
  listLive(userId: number): Promise<SessionRecord[]>;
  /** Revokes those of a user's live sessions that were used least recently, beyond `keep`; returns their ids. */
  revokeOldest(userId: number, keep: number): Promise<string[]>;
}
