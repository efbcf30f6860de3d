import type { Permission } from '../../contract/permissions.js';
import type { Principal } from '../../entities/entities.js';
import { AppError } from '../../entities/errors.js';
import type { Repositories } from '../../ports/repositories/repositories.js';
import { requirePermission } from './permissions.js';
import { judge, type Standing } from './session-standing.js';

/** The user who asks, and the session. */
export type Asker = Pick<Principal, 'userId' | 'sessionId'> & {
  /** The call's `traceparent`: its work belongs to that trace. */
  trace?: string | null;
};

/** Returns the user's present rights. @throws AppError `session_revoked`, `account_disabled`, `forbidden` */
export function requireStanding(
  standing: Standing,
  permission: Permission | null,
): ReadonlySet<Permission> {
  if (standing.ended) throw new AppError(standing.ended);
  requirePermission(standing.now, permission);
  return standing.now.permissions;
}

/**
 * Call it inside a transaction, before all locks except those on users: its changes are then committed before the
 * session ends, or not at all. Earlier checks do not suffice, because others may have changed the session since.
 * @throws AppError `session_revoked`, `account_disabled`, `forbidden`
 */
export async function holdRight(
  { sessions }: Pick<Repositories, 'sessions'>,
  { userId, sessionId }: Asker,
  permission: Permission | null,
): Promise<ReadonlySet<Permission>> {
  return requireStanding(judge(sessionId, await sessions.hold(userId, sessionId)), permission);
}
