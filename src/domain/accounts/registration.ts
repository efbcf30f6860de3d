import type { RegisterBody } from '../../contract/accounts.js';
import type { InvitationPreview, RegistrationState } from '../../contract/invitations.js';
import { forbidden } from '../../entities/errors.js';
import type { RefusalReason } from '../../entities/refusal-reasons.js';
import type { Database, Repositories } from '../../ports/repositories/repositories.js';
import { ADMIN } from '../rights/permissions.js';
import { hashOfToken, isBacked, requireAddress, requireOpen } from './invitation-rules.js';

/** Who may register, once there is an account. */
export type RegistrationMode = Exclude<RegistrationState, 'first'>;

/** What a new account gets with its registration. */
export interface Grant {
  roles: readonly string[];
  /** Details of the audit log. */
  details: Readonly<Record<string, unknown>>;
  invitationId: number | null;
}

type Applicant = Pick<RegisterBody, 'email' | 'invitation'>;

const USER = 'user';
const REFUSALS = {
  invite: 'invitation_required',
  closed: 'registration_closed',
} as const satisfies Record<Exclude<RegistrationMode, 'open'>, RefusalReason>;

/** Decides who may register, and with which roles. */
export class Registration {
  readonly #db: Database;
  readonly #mode: RegistrationMode;

  constructor(db: Database, mode: RegistrationMode) {
    this.#db = db;
    this.#mode = mode;
  }

  async state(): Promise<RegistrationState> {
    return (await this.#db.deployment.isUnused()) ? 'first' : this.#mode;
  }

  /** The facts that the holder of the token may know. @throws AppError `forbidden` with the reason */
  async preview(token: string): Promise<InvitationPreview> {
    const { email, expires_at } = await this.#invitation(this.#db, token);
    return { email, expires_at };
  }

  /** Refuses early, before the password is hashed; `admit` decides. @throws AppError `forbidden` with the reason */
  async check({ email, invitation }: Applicant): Promise<void> {
    if (invitation !== undefined)
      requireAddress(await this.#invitation(this.#db, invitation), email);
    else if (this.#mode !== 'open') this.#requireMode(await this.state());
  }

  /**
   * Call it first in the transaction that creates the account, and `complete` after that. Registrations at the same
   * time take turns until there is a first account.
   * @throws AppError `forbidden` with the reason
   */
  async admit(tx: Repositories, { email, invitation: token }: Applicant): Promise<Grant> {
    if (token !== undefined) return this.#invited(tx, email, token);
    if (await isFirst(tx)) return grant([USER, ADMIN], { roles: [USER, ADMIN] });
    this.#requireMode(this.#mode);
    return grant([USER], {});
  }

  async complete(tx: Repositories, userId: number, { roles, invitationId }: Grant) {
    if (roles.length > 1) await tx.accounts.setRoles(userId, roles);
    if (roles.includes(ADMIN)) await tx.deployment.markUsed();
    if (invitationId !== null) await tx.invitations.setUser(invitationId, userId);
  }

  async #invited(tx: Repositories, email: string, token: string): Promise<Grant> {
    const invitation = await this.#invitation(tx, token);
    requireAddress(invitation, email);
    if (!(await isBacked(tx, invitation))) throw forbidden('invitation_unknown');
    // A registration that waited here for another one may find the invitation used, or deleted.
    if (!(await tx.invitations.use(invitation.id))) {
      await this.#invitation(tx, token);
      throw forbidden('invitation_expired');
    }
    const { id, role } = invitation;
    const roles = [...new Set([USER, role])];
    return grant(roles, { invitation: id, roles }, id);
  }

  async #invitation({ invitations }: Pick<Repositories, 'invitations'>, token: string) {
    if (this.#mode === 'closed') throw forbidden('registration_closed');
    return requireOpen(await invitations.find(hashOfToken(token)));
  }

  #requireMode(state: RegistrationState): void {
    if (state === 'invite' || state === 'closed') throw forbidden(REFUSALS[state]);
  }
}

const grant = (
  roles: readonly string[],
  details: Grant['details'],
  invitationId: number | null = null,
): Grant => ({ roles, details, invitationId });

/** Asks again when it is this registration's turn. */
async function isFirst(tx: Repositories): Promise<boolean> {
  if (!(await tx.deployment.isUnused())) return false;
  await tx.accounts.lockAdmins();
  return tx.deployment.isUnused();
}
