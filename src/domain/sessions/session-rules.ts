import type { User } from '../../contract/accounts.js';
import type { ErrorCode } from '../../contract/errors.js';
import type { SessionRecord } from '../../entities/entities.js';
import { AppError } from '../../entities/errors.js';
import type { RefreshClaims } from './token-claims.js';

/** The previous token is accepted for this long after the rotation, because two tabs may refresh at once. */
export const REUSE_GRACE_MS = 10_000;

/**
 * Decides what a presented refresh token means. `rotate`: it is the current one, or a later one, issued before the
 * database lost that rotation. `repeat`: it is the previous one, and its successor may have been lost on the way.
 * `reuse`: it was stolen, so its session ends. `refuse`: nothing changes.
 */
export type RefreshVerdict =
  | { do: 'rotate' | 'repeat'; session: SessionRecord; user: User }
  | { do: 'reuse'; session: SessionRecord }
  | { do: 'refuse'; code: ErrorCode };

export interface RefreshRules {
  now: number;
  /** Lifetime of a session, however often it is refreshed. */
  sessionMaxMs: number;
  /** Whether a rotation of this session issued the token. */
  isGenuine(claims: RefreshClaims, session: SessionRecord): boolean;
}

/** Judges everything except the signature, which must have been verified. */
export function judgeRefresh(
  session: SessionRecord | null,
  user: User | null,
  claims: RefreshClaims,
  rules: RefreshRules,
): RefreshVerdict {
  const { now } = rules;
  const isOld = session !== null && session.createdAt.getTime() + rules.sessionMaxMs <= now;
  if (claims.expiresAt <= now) return refuse(isOld ? 'session_revoked' : 'token_expired');
  if (isOld || !isAlive(session, now)) return refuse('session_revoked');
  const use = useOf(session, claims.gen, now);
  if (use === 'reuse') return { do: use, session };
  if (use === 'rotate' && !rules.isGenuine(claims, session)) return refuse('token_invalid');
  return user?.is_active ? { do: use, session, user } : refuse(inactive(user));
}

function useOf(session: SessionRecord, gen: number, now: number): 'rotate' | 'repeat' | 'reuse' {
  if (gen >= session.gen) return 'rotate';
  if (gen !== session.gen - 1) return 'reuse';
  const recent = now - session.rotatedAt.getTime() <= REUSE_GRACE_MS;
  return recent || session.seenGen < session.gen ? 'repeat' : 'reuse';
}

/** @throws AppError `session_revoked`, also if the session has expired or does not exist */
export function requireAlive(session: SessionRecord | null, now: number): SessionRecord {
  if (!isAlive(session, now)) throw new AppError('session_revoked');
  return session;
}

/** @throws AppError `session_revoked` if the user does not exist, `account_disabled` */
export function requireActive(user: User | null): User {
  if (!user?.is_active) throw new AppError(inactive(user));
  return user;
}

const refuse = (code: ErrorCode): RefreshVerdict => ({ do: 'refuse', code });

/** A session ends with its account. */
const inactive = (user: User | null): ErrorCode => (user ? 'account_disabled' : 'session_revoked');

const isAlive = (session: SessionRecord | null, now: number): session is SessionRecord =>
  session !== null && session.revokedAt === null && session.expiresAt.getTime() > now;
