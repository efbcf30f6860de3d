import type { User } from '../../contract/rest.js';
import type { SessionRecord } from '../../model/entities.js';
import { AppError } from '../../model/errors.js';

/** For two tabs that refresh at once: the previous token is accepted for this long after the rotation. */
export const REUSE_GRACE_MS = 10_000;

/**
 * What the refresh token of `gen` means. `rotate`: it is the current one, or a later one, issued before the database
 * lost that rotation. `repeat`: it is the previous one, and its successor may have been lost on the way. `reuse`: it
 * was stolen.
 */
export function judgeRefresh(
  session: Pick<SessionRecord, 'gen' | 'seenGen' | 'rotatedAt'>,
  gen: number,
  now: number,
): 'rotate' | 'repeat' | 'reuse' {
  if (gen >= session.gen) return 'rotate';
  if (gen !== session.gen - 1) return 'reuse';
  const recent = now - session.rotatedAt.getTime() <= REUSE_GRACE_MS;
  return recent || session.seenGen < session.gen ? 'repeat' : 'reuse';
}

/** @throws AppError `session_revoked`, also if the session has expired or does not exist */
export function requireAlive(session: SessionRecord | null, now: number): SessionRecord {
  if (!session || session.revokedAt || session.expiresAt.getTime() <= now) {
    throw new AppError('session_revoked');
  }
  return session;
}

/** @throws AppError `session_revoked` if the user does not exist, `account_disabled` */
export function requireActive(user: User | null): User {
  if (!user) throw new AppError('session_revoked');
  if (!user.is_active) throw new AppError('account_disabled');
  return user;
}
