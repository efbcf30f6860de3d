import type { PasswordBody } from '../contract/rest.js';
import type { NodeNotices } from '../ports/engine.js';
import type { PasswordHasher } from '../ports/password-hasher.js';
import type { Database } from '../ports/repositories.js';
import { record, type UserActor } from './actor.js';
import { AppError } from './errors.js';
import { holdVerified } from './held-credentials.js';

export interface PasswordServiceDeps {
  db: Database;
  hasher: PasswordHasher;
  notices: NodeNotices;
}

/** Changes passwords of users who are signed in. */
export class PasswordService {
  #deps: PasswordServiceDeps;

  constructor(deps: PasswordServiceDeps) {
    this.#deps = deps;
  }

  /** Ends the user's other sessions; the asking one and its sockets stay. @throws AppError `invalid_credentials` */
  async change(actor: UserActor, body: PasswordBody): Promise<void> {
    const { db, hasher, notices } = this.#deps;
    const { current_password: current, new_password: next } = body;
    const known = await db.users.holdCredentials(actor.userId);
    const matches = await hasher.verify(current, known?.passwordHash ?? null);
    if (!known || !matches) throw new AppError('invalid_credentials');
    const passwordHash = await hasher.hash(next);
    const sessionIds = await db.transaction(async (tx) => {
      await holdVerified(tx, hasher, known, current);
      await tx.users.update(actor.userId, { passwordHash });
      const ended = await tx.sessions.revokeAll(actor.userId, actor.sessionId);
      const details = { sessions: ended.length };
      await record(tx.audit, actor, 'password_changed', actor.userId, details);
      return ended;
    });
    if (sessionIds.length === 0) return;
    await notices.send({ type: 'session_ended', sessionIds, code: 'session_revoked' });
  }
}
