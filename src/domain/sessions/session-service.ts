import type { Session } from '../../contract/accounts.js';
import { LIMITS } from '../../contract/limits.js';
import type { Principal, SessionRecord } from '../../entities/entities.js';
import { notFound } from '../../entities/errors.js';
import type { NodeNotices } from '../../ports/node-notices.js';
import type { Database } from '../../ports/repositories/repositories.js';
import { type Actor, record, type UserActor } from '../rights/actor.js';
import { holdOwner } from '../rights/held-actor.js';
import { deviceName } from './device-name.js';

type Asking = Pick<Principal, 'userId' | 'sessionId'>;

/** The devices on which a user is logged in. */
export class SessionService {
  #db: Database;
  #notices: NodeNotices;

  constructor(db: Database, notices: NodeNotices) {
    this.#db = db;
    this.#notices = notices;
  }

  /** Live sessions, most recently used first. */
  async list({ userId, sessionId }: Asking): Promise<Session[]> {
    const records = await this.#db.sessions.listLive(userId);
    return records.map((record) => present(record, sessionId));
  }

  /**
   * May revoke the asking session itself.
   * @throws AppError `not_found`, also for ended sessions and those of other users
   */
  async revoke(actor: UserActor, id: string): Promise<void> {
    await this.#db.transaction(async (tx) => {
      await holdOwner(tx, actor);
      if (!(await tx.sessions.revokeOwn(actor.userId, id))) throw notFound();
      await record(tx.audit, actor, 'session_revoked', actor.userId, { sessions: [id] });
    });
    await this.#announce([id]);
  }

  /**
   * Lets operators end a session; a null `id` ends all sessions of the user. Returns their number.
   * @throws AppError `not_found`
   */
  async end(actor: Actor, userId: number, id: string | null): Promise<number> {
    const ended = await this.#db.transaction(async (tx) => {
      const one = id !== null && (await tx.sessions.revokeOwn(userId, id)) ? [id] : [];
      const ids = id === null ? await tx.sessions.revokeAll(userId) : one;
      if (id !== null && ids.length === 0) throw notFound();
      const sessions = ids.slice(0, LIMITS.sessions);
      if (ids.length > 0) await record(tx.audit, actor, 'session_revoked', userId, { sessions });
      return ids;
    });
    await this.#announce(ended);
    return ended.length;
  }

  async revokeOthers(actor: UserActor): Promise<void> {
    const { userId, sessionId } = actor;
    const ended = await this.#db.transaction(async (tx) => {
      await holdOwner(tx, actor);
      const ids = await tx.sessions.revokeAll(userId, sessionId);
      const sessions = ids.slice(0, LIMITS.sessions);
      if (ids.length > 0) await record(tx.audit, actor, 'session_revoked', userId, { sessions });
      return ids;
    });
    await this.#announce(ended);
  }

  async #announce(sessionIds: string[]): Promise<void> {
    if (sessionIds.length === 0) return;
    await this.#notices.send({ type: 'session_ended', sessionIds, code: 'session_revoked' });
  }
}

const present = (record: SessionRecord, currentId: string): Session => ({
  id: record.id,
  device: deviceName(record.userAgent),
  user_agent: record.userAgent,
  ip: record.ip,
  created_at: record.createdAt.toISOString(),
  last_used_at: record.lastUsedAt.toISOString(),
  expires_at: record.expiresAt.toISOString(),
  current: record.id === currentId,
});
