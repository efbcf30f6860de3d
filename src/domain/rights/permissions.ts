import { CHAT_PERMISSIONS, PERMISSIONS, type Permission } from '../../contract/permissions.js';
import { forbidden } from '../../entities/errors.js';

export const ADMIN = 'admin';

const EVERYTHING: ReadonlySet<Permission> = new Set(PERMISSIONS);

/**
 * The permissions of all roles together. `admin` has every permission, whatever is stored. Permissions unknown to
 * this release are ignored.
 */
export function permissionsOf(
  roles: readonly string[],
  stored: readonly string[],
): ReadonlySet<Permission> {
  if (roles.includes(ADMIN)) return EVERYTHING;
  return new Set(PERMISSIONS.filter((permission) => stored.includes(permission)));
}

/** The only guard of permissions, for REST and sockets. @throws AppError `forbidden` */
export function requirePermission(
  { permissions }: { permissions: ReadonlySet<Permission> },
  needed: Permission | null,
): void {
  if (needed !== null && !permissions.has(needed)) throw forbidden();
}

/**
 * Nobody may act on a user with more permissions, or grant permissions that they lack. Chat permissions are exempt,
 * because an administrator need not have them.
 * @throws AppError `forbidden`
 */
export function requireRank(
  { permissions }: { permissions: ReadonlySet<Permission> },
  touched: ReadonlySet<Permission>,
): void {
  const covers = (one: Permission) => CHAT_PERMISSIONS.has(one) || permissions.has(one);
  if (![...touched].every(covers)) throw forbidden();
}
