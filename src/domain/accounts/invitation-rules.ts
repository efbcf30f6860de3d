import { createHash } from 'node:crypto';
import type { Invitation } from '../../contract/invitations.js';
import { AppError, forbidden } from '../../model/errors.js';
import type { RefusalReason } from '../../model/refusal-reasons.js';
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

/** @throws AppError `forbidden` if the role lets its users do more than `permissions` do, `validation_failed` */
export async function requireGrantable(
  tx: Pick<Repositories, 'roles'>,
  actor: Parameters<typeof requireRank>[0],
  role: string,
): Promise<boolean> {
  const stored = (await tx.roles.list()).find(({ name }) => name === role);
  if (!stored) return false;
  requireRank(actor, permissionsOf([role], stored.permissions));
  return true;
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
  try {
    return await requireGrantable(tx, { permissions }, role);
  } catch (error) {
    if (error instanceof AppError && error.code === 'forbidden') return false;
    throw error;
  }
}
