import type { UpdateUserBody, User } from '../../contract/rest.js';
import type { NodeNotices } from '../../ports/engine.js';
import type { Database } from '../../ports/repositories.js';
import { notFound } from '../errors.js';
import { requireAdminLeft } from './account-admin.js';
import { record, type UserActor } from './actor.js';
import { holdOwner } from './held-actor.js';
import { ADMIN } from './permissions.js';

/** What users do with their own account. */
export class UserService {
  #db: Database;
  #notices: NodeNotices;

  constructor(db: Database, notices: NodeNotices) {
    this.#db = db;
    this.#notices = notices;
  }

  /** @throws AppError `email_taken`, `username_taken`, `not_found` */
  async update(actor: UserActor, change: UpdateUserBody): Promise<User> {
    return this.#db.transaction(async (tx) => {
      await holdOwner(tx, actor);
      const user = await tx.users.update(actor.userId, change);
      if (!user) throw notFound();
      const fields = Object.keys(change);
      if (fields.length > 0) await record(tx.audit, actor, 'account_changed', user.id, { fields });
      return user;
    });
  }

  /** Removes the account with its conversations, and ends its sessions on every node. @throws AppError `conflict` for the last active administrator */
  async delete(actor: UserActor): Promise<void> {
    const { userId } = actor;
    const sessionIds = await this.#db.transaction(async (tx) => {
      const user = await tx.users.find(userId);
      if (user?.roles.includes(ADMIN)) await tx.accounts.lockAdmins();
      // Users before their sessions, as sign-ins lock them.
      await holdOwner(tx, actor);
      const ended = await tx.sessions.revokeAll(userId);
      await tx.users.delete(userId);
      if (user) await requireAdminLeft(tx, user, null);
      await record(tx.audit, actor, 'account_deleted', userId);
      return ended;
    });
    await this.#notices.send({ type: 'session_ended', sessionIds, code: 'session_revoked' });
  }
}
