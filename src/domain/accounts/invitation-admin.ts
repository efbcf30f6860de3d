import { randomBytes } from 'node:crypto';
import type { AdminPageQuery } from '../../contract/admin.js';
import type { Invitation, InvitationBody } from '../../contract/invitations.js';
import { LIMITS } from '../../contract/limits.js';
import { conflict, invalid, notFound } from '../../entities/errors.js';
import type { Page } from '../../ports/repositories/account-repository.js';
import type { Database } from '../../ports/repositories/repositories.js';
import { record, type UserActor } from '../rights/actor.js';
import { holdActor } from '../rights/held-actor.js';
import { requireRank } from '../rights/permissions.js';
import { grantedBy, hashOfToken } from './invitation-rules.js';

const TOKEN_BYTES = 32;

/** Invitations that administrators make, see and withdraw. */
export class InvitationAdmin {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** @throws AppError `validation_failed` for a foreign cursor */
  list(query: AdminPageQuery): Promise<Page<Invitation>> {
    return this.#db.invitations.list({ ...query, limit: query.limit ?? LIMITS.pageDefault });
  }

  /**
   * The token is returned once, and not stored.
   * @throws AppError `forbidden` for a role with more rights than the actor's, `validation_failed` for a role that does
   * not exist, `conflict` if too many invitations are open
   */
  create(asked: UserActor, body: InvitationBody): Promise<Invitation & { token: string }> {
    const { email = null, role = 'user', expires_in_hours: hours } = body;
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    return this.#db.transaction(async (tx) => {
      await tx.accounts.lockAdmins();
      const actor = await holdActor(tx, asked, 'users:write');
      const granted = await grantedBy(tx, role);
      if (!granted) throw invalid({ path: 'role', code: 'role.unknown', values: { value: role } });
      requireRank(actor, granted);
      const wanted = { tokenHash: hashOfToken(token), email, role, createdBy: actor.userId };
      const lasting = { ...wanted, hours: hours ?? LIMITS.invitationHoursDefault };
      const made = await tx.invitations.create(lasting, LIMITS.invitations);
      if (!made) throw conflict();
      const { id, expires_at } = made;
      await record(tx.audit, actor, 'invitation_created', null, {
        invitation: id,
        role,
        expires_at,
      });
      return { ...made, token };
    });
  }

  /**
   * Withdraws an invitation: nobody can register with it any more.
   * @throws AppError `not_found`, `forbidden` for a role with more rights than the actor's, `conflict` if it has been
   * used
   */
  async revoke(asked: UserActor, id: number): Promise<void> {
    await this.#db.transaction(async (tx) => {
      const actor = await holdActor(tx, asked, 'users:write');
      const invitation = await tx.invitations.lock(id);
      if (!invitation) throw notFound();
      const { role, status } = invitation;
      const granted = await grantedBy(tx, role);
      // An invitation whose role was deleted grants nothing.
      if (granted) requireRank(actor, granted);
      if (status === 'used') throw conflict();
      await tx.invitations.delete(id);
      await record(tx.audit, actor, 'invitation_revoked', null, { invitation: id, role });
    });
  }
}
