import { randomUUID } from 'node:crypto';
import type { ApiKey, KeyBody, NewApiKey } from '../../contract/keys.js';
import { LIMITS } from '../../contract/limits.js';
import type { Scope } from '../../contract/scopes.js';
import { conflict, invalid, notFound } from '../../entities/errors.js';
import { keySessionId } from '../../entities/key-sessions.js';
import type { NodeNotices } from '../../ports/node-notices.js';
import type { Database } from '../../ports/repositories/repositories.js';
import { type Actor, record, type UserActor } from '../rights/actor.js';
import { holdOwner } from '../rights/held-actor.js';
import { makeKey } from './key-token.js';

export interface KeyServiceDeps {
  db: Database;
  notices: NodeNotices;
  /** The common clock of all nodes, in ms since the epoch. */
  now(): number;
}

/** Later times have another form. */
const LAST_YEAR = 9999;
const DEFAULT_SCOPES: readonly Scope[] = ['chat'];

/** The keys with which programs act for a user. */
export class KeyService {
  readonly #deps: KeyServiceDeps;

  constructor(deps: KeyServiceDeps) {
    this.#deps = deps;
  }

  /** Lists the keys that are not revoked, newest first. */
  list(userId: number): Promise<ApiKey[]> {
    return this.#deps.db.keys.list(userId, LIMITS.keys);
  }

  /**
   * The key is returned once, and not stored.
   * @throws AppError `conflict` if the user has too many, `validation_failed`
   */
  async create(actor: UserActor, body: KeyBody): Promise<NewApiKey> {
    const { userId } = actor;
    const { key, prefix, hash } = makeKey();
    const scopes = body.scopes ?? DEFAULT_SCOPES;
    const wanted = { id: randomUUID(), userId, name: body.name, prefix, hash, scopes };
    const expiresAt = this.#futureOf(body.expires_at);
    return this.#deps.db.transaction(async (tx) => {
      await holdOwner(tx, actor);
      const made = await tx.keys.create({ ...wanted, expiresAt }, LIMITS.keys);
      if (!made) throw conflict();
      await record(tx.audit, actor, 'key_created', userId, { key: made.id, scopes });
      return { ...made, key };
    });
  }

  /**
   * Ends a key: nothing more is begun for it.
   * @throws AppError `not_found`, also for keys of others and revoked ones
   */
  async revoke(actor: UserActor, id: string): Promise<void> {
    await this.#deps.db.transaction(async (tx) => {
      await holdOwner(tx, actor);
      if (!(await tx.keys.revoke(actor.userId, id))) throw notFound();
      await record(tx.audit, actor, 'key_revoked', actor.userId, { key: id });
    });
    await this.#announce([id]);
  }

  /**
   * Lets operators revoke a key; a null `id` revokes all keys of the user. Returns their number.
   * @throws AppError `not_found`
   */
  async end(actor: Actor, userId: number, id: string | null): Promise<number> {
    const ended = await this.#deps.db.transaction(async (tx) => {
      const one = id !== null && (await tx.keys.revoke(userId, id)) ? [id] : [];
      const ids = id === null ? await tx.keys.revokeAll(userId) : one;
      if (id !== null && ids.length === 0) throw notFound();
      for (const key of ids) await record(tx.audit, actor, 'key_revoked', userId, { key });
      return ids;
    });
    await this.#announce(ended);
    return ended.length;
  }

  async #announce(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const sessionIds = ids.map(keySessionId);
    await this.#deps.notices.send({ type: 'session_ended', sessionIds, code: 'key_revoked' });
  }

  /** @throws AppError `validation_failed` if it is in the past */
  #futureOf(time: string | undefined): Date | null {
    if (time === undefined) return null;
    const moment = new Date(time);
    const isTime = moment.getUTCFullYear() <= LAST_YEAR;
    if (isTime && moment.getTime() > this.#deps.now()) return moment;
    throw invalid({ path: 'expires_at', code: isTime ? 'time.past' : 'string.isoDate' });
  }
}
