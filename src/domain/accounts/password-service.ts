import type { PasswordBody } from '../../contract/accounts.js';
import { AppError, notFound } from '../../entities/errors.js';
import type { NodeNotices } from '../../ports/node-notices.js';
import type { PasswordHasher } from '../../ports/password-hasher.js';
import type { Database, Repositories } from '../../ports/repositories/repositories.js';
import { type Actor, record, type UserActor } from '../rights/actor.js';
import { holdActor } from '../rights/held-actor.js';
import { holdVerified } from './held-credentials.js';

export interface PasswordServiceDeps {
  db: Database;
  hasher: PasswordHasher;
  notices: NodeNotices;
}

/** Changes passwords: for logged-in users their own, for operators those that were forgotten. */
export class PasswordService {
  #deps: PasswordServiceDeps;

  constructor(deps: PasswordServiceDeps) {
    this.#deps = deps;
  }

  /** Ends the user's other sessions. The asking session and its sockets stay. @throws AppError `invalid_credentials` */
  async change(actor: UserActor, body: PasswordBody): Promise<void> {
    const { db, hasher, notices } = this.#deps;
    const { current_password: current, new_password: next } = body;
    const known = await db.users.credentials(actor.userId);
    const matches = await hasher.verify(current, known?.passwordHash ?? null);
    if (!known || !matches) throw new AppError('invalid_credentials');
    const passwordHash = await hasher.hash(next);
    const ended = await db.transaction(async (tx) => {
      await holdVerified(tx, hasher, known, current);
      await holdActor(tx, actor, null);
      return store(tx, actor, actor.userId, passwordHash);
    });
    await announce(notices, ended);
  }

  /** Lets operators set a password. Ends all sessions, and returns their number. @throws AppError `not_found` */
  async reset(actor: Actor, userId: number, password: string): Promise<number> {
    const { db, hasher, notices } = this.#deps;
    const passwordHash = await hasher.hash(password);
    const ended = await db.transaction(async (tx) => {
      if (!(await tx.users.holdCredentials(userId))) throw notFound();
      return store(tx, actor, userId, passwordHash);
    });
    await announce(notices, ended);
    return ended.length;
  }
}

/** Ends all sessions of the user except the actor's own. Returns their ids. */
async function store(tx: Repositories, actor: Actor, userId: number, passwordHash: string) {
  await tx.users.update(userId, { passwordHash });
  const ended = await tx.sessions.revokeAll(userId, actor.sessionId ?? undefined);
  await record(tx.audit, actor, 'password_changed', userId, { sessions: ended.length });
  return ended;
}

async function announce(notices: NodeNotices, sessionIds: string[]): Promise<void> {
  if (sessionIds.length === 0) return;
  await notices.send({ type: 'session_ended', sessionIds, code: 'session_revoked' });
}
