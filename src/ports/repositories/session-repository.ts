import type { User } from '../../contract/accounts.js';
import type { Device, SessionRecord } from '../../entities/entities.js';

export interface NewSession extends Device {
  id: string;
  userId: number;
  rotatedAt: Date;
  expiresAt: Date;
}

export interface ActiveSession {
  session: SessionRecord;
  user: User;
  /** All permissions of the user's roles, as stored. */
  permissions: string[];
}

/** The parts of a session, or of a key, that sockets need. */
export interface SessionState {
  id: string;
  /** The session is neither revoked nor expired. */
  isAlive: boolean;
  /** Whether the user is enabled. */
  isActive: boolean;
  username: string;
  roles: string[];
  /** The names as stored. */
  permissions: string[];
}

export interface SessionRepository {
  /** Stores a session, and deletes expired ones of its user. */
  create(session: NewSession): Promise<SessionRecord>;
  /** Locks the row until the transaction ends, so that concurrent refreshes take turns. */
  findForUpdate(id: string): Promise<SessionRecord | null>;
  /**
   * Sessions with their users, including revoked, expired and disabled ones: the caller judges. One query, run on
   * every request.
   */
  findWithUsers(ids: readonly string[]): Promise<ActiveSession[]>;
  /** `rotatedAt` also becomes the time of its last use. */
  rotate(
    id: string,
    rotation: Device & { gen: number; rotatedAt: Date; seenGen: number; expiresAt: Date },
  ): Promise<void>;
  /** Records that tokens were issued again without a rotation. */
  touch(id: string, use: Device & { at: Date }): Promise<void>;
  /**
   * The addresses from which a user has recently logged in, each once, including those of logged-out sessions. Finds
   * the email as `findCredentials` does.
   */
  addressesOf(email: string): Promise<string[]>;
  /** The state of these sessions and keys (`keySessionId`). Missing ones no longer exist. */
  states(ids: readonly string[]): Promise<SessionState[]>;
  /**
   * The current state of a user's session, which holds until the transaction ends: transactions that would end or
   * hold it wait. Locks the user's row first, as everywhere. Null: it does not exist, or belongs to another user.
   */
  hold(userId: number, id: string): Promise<SessionState | null>;
  /** Records that a token of `gen` was presented. No-op if a higher one was. */
  markSeen(id: string, gen: number): Promise<void>;
  /** False if it was already revoked or does not exist. */
  revoke(id: string): Promise<boolean>;
  /** Revokes a user's live sessions, except `exceptId`. Returns their ids. */
  revokeAll(userId: number, exceptId?: string): Promise<string[]>;
  /** False if it belongs to another user, was already revoked, or does not exist. */
  revokeOwn(userId: number, id: string): Promise<boolean>;
  /** Deletes at most `rows` expired sessions. Returns their number. */
  prune(rows: number): Promise<number>;
  /** Live sessions, most recently used first; at most `LIMITS.sessions`. */
  listLive(userId: number): Promise<SessionRecord[]>;
  /** Revokes a user's least recently used live sessions beyond `keep`. Returns their ids. */
  revokeOldest(userId: number, keep: number): Promise<string[]>;
}
