import type { UpdateUserBody, User } from '../../contract/accounts.js';
import { notFound } from '../../entities/errors.js';
import { keySessionId } from '../../entities/key-sessions.js';
import type { NodeNotices } from '../../ports/node-notices.js';
import type { Database } from '../../ports/repositories/repositories.js';
import type { Erasure } from '../erasure.js';
import { record, type UserActor } from '../rights/actor.js';
import { holdOwner } from '../rights/held-actor.js';
import { requireAdminLeft } from './account-admin.js';

export interface UserServiceDeps {
  db: Database;
  notices: NodeNotices;
  erasure: Pick<Erasure, 'kick'>;
}

/** Changes that users make to their own account. */
export class UserService {
  #db: Database;
  #notices: NodeNotices;
  #erasure: Pick<Erasure, 'kick'>;

  constructor({ db, notices, erasure }: UserServiceDeps) {
    this.#db = db;
    this.#notices = notices;
    this.#erasure = erasure;
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

  /**
   * Removes the account with its conversations, stops its answers, and ends its sessions on every node.
   * @throws AppError `conflict` for the last active administrator
   */
  async delete(actor: UserActor): Promise<void> {
    const { userId } = actor;
    const { sessionIds, keys, running } = await this.#db.transaction(async (tx) => {
      // From here on nobody makes the user an administrator, nor another one a mere user.
      await tx.accounts.lockAdmins();
      const user = await tx.users.find(userId);
      // Users are locked before their sessions, as logins do.
      await holdOwner(tx, actor);
      const sessionIds = await tx.sessions.revokeAll(userId);
      const keys = await tx.keys.revokeAll(userId);
      const running = await tx.users.delete(userId);
      if (user) await requireAdminLeft(tx, user, null);
      await record(tx.audit, actor, 'account_deleted', userId);
      return { sessionIds, keys: keys.map(keySessionId), running };
    });
    await this.#notices.send({ type: 'session_ended', sessionIds, code: 'session_revoked' });
    if (keys.length > 0)
      await this.#notices.send({ type: 'session_ended', sessionIds: keys, code: 'key_revoked' });
    for (const generationId of running) await this.#notices.send({ type: 'stop', generationId });
    this.#erasure.kick();
  }
}
