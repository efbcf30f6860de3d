import { CHAT_PERMISSIONS, PERMISSIONS, type Permission } from '../../contract/permissions.js';
import { forbidden } from '../../model/errors.js';

export const ADMIN = 'admin';

const EVERYTHING: ReadonlySet<Permission> = new Set(PERMISSIONS);

/** What roles allow together. `admin` may do everything, whatever is stored; names that this release does not know count for nothing. */
export function permissionsOf(
  roles: readonly string[],
  stored: readonly string[],
): ReadonlySet<Permission> {
  if (roles.includes(ADMIN)) return EVERYTHING;
  return new Set(PERMISSIONS.filter((permission) => stored.includes(permission)));
}

/** The one guard of REST and sockets. @throws AppError `forbidden` */
export function requirePermission(
  { permissions }: { permissions: ReadonlySet<Permission> },
  needed: Permission | null,
): void {
  if (needed !== null && !permissions.has(needed)) throw forbidden();
}

/**
 * Nobody acts upon somebody who may do more, nor gives away what they lack themselves; chatting apart, which
 * an administrator need not do. @throws AppError `forbidden`
 */
export function requireRank(
  { permissions }: { permissions: ReadonlySet<Permission> },
  touched: ReadonlySet<Permission>,
): void {
  const covers = (one: Permission) => CHAT_PERMISSIONS.has(one) || permissions.has(one);
  if (![...touched].every(covers)) throw forbidden();
}
