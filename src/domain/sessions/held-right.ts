import type { Permission } from '../../contract/permissions.js';
import type { Principal } from '../../model/entities.js';
import { AppError } from '../../model/errors.js';
import type { Repositories } from '../../ports/repositories.js';
import { requirePermission } from '../accounts/permissions.js';
import { judge, type Standing } from './session-standing.js';

/** Who asks, and on which device. */
export type Asker = Pick<Principal, 'userId' | 'sessionId'>;

/** What the user may do now. @throws AppError `session_revoked`, `account_disabled`, `forbidden` */
export function requireStanding(
  standing: Standing,
  permission: Permission | null,
): ReadonlySet<Permission> {
  if (standing.ended) throw new AppError(standing.ended);
  requirePermission(standing.now, permission);
  return standing.now.permissions;
}

/**
 * Inside a transaction, before its other locks but those on users: what it changes is committed before the session
 * ends, or not at all. Whatever was looked at before, others may have had their turn since.
 * @throws AppError `session_revoked`, `account_disabled`, `forbidden`
 */
export async function holdRight(
  { sessions }: Pick<Repositories, 'sessions'>,
  { userId, sessionId }: Asker,
  permission: Permission | null,
): Promise<ReadonlySet<Permission>> {
  return requireStanding(judge(await sessions.hold(userId, sessionId)), permission);
}
