import { createHash } from 'node:crypto';
import type { Invitation } from '../../contract/invitations.js';
import type { Permission } from '../../contract/permissions.js';
import { AppError, forbidden } from '../../entities/errors.js';
import type { RefusalReason } from '../../entities/refusal-reasons.js';
import type { Repositories } from '../../ports/repositories/repositories.js';
import { permissionsOf, requireRank } from '../rights/permissions.js';
import { identityKey } from './identity.js';

/** The hash is all that is stored. Tokens have 256 random bits, so that a plain hash is enough. */
export const hashOfToken = (token: string): string =>
  createHash('sha256').update(token).digest('hex');

const REFUSALS = {
  used: 'invitation_used',
  expired: 'invitation_expired',
} as const satisfies Record<string, RefusalReason>;

/** @throws AppError `forbidden` with the reason */
export function requireOpen(invitation: Invitation | null): Invitation {
  if (!invitation) throw forbidden('invitation_unknown');
  if (invitation.status !== 'open') throw forbidden(REFUSALS[invitation.status]);
  return invitation;
}

/** Addresses match in any spelling. @throws AppError `forbidden` */
export function requireAddress({ email: invited }: Invitation, email: string): void {
  if (invited !== null && identityKey(invited) !== identityKey(email)) {
    throw forbidden('invitation_other_email');
  }
}

/** The permissions of users with this role; null: no such role. */
export async function grantedBy(
  tx: Pick<Repositories, 'roles'>,
  role: string,
): Promise<ReadonlySet<Permission> | null> {
  const stored = (await tx.roles.list()).find(({ name }) => name === role);
  return stored ? permissionsOf([role], stored.permissions) : null;
}

/**
 * Whether the maker of the invitation could still make it. Holds their account until the transaction ends, so that none
 * of their invitations is used after they were disabled.
 */
export async function isBacked(
  tx: Pick<Repositories, 'accounts' | 'roles'>,
  { created_by, role }: Invitation,
): Promise<boolean> {
  const account = await tx.accounts.lock(created_by.id);
  if (!account?.user.is_active) return false;
  const permissions = permissionsOf(account.user.roles, account.permissions);
  if (!permissions.has('users:write')) return false;
  const granted = await grantedBy(tx, role);
  if (!granted) return false;
  try {
    requireRank({ permissions }, granted);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'forbidden') return false;
    throw error;
  }
}
