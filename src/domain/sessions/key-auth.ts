import { AppError } from '../../entities/errors.js';
import { keySessionId } from '../../entities/key-sessions.js';
import type { ActiveKey, KeyRepository } from '../../ports/repositories/key-repository.js';
import { hashOfKey } from '../accounts/key-token.js';
import { createGroupedLookup } from '../grouped.js';
import { permissionsOf } from '../rights/permissions.js';
import type { AuthenticatedUser } from './auth-service.js';

/** The owner of a key never changes. */
export interface KeyOwner {
  id: string;
  userId: number;
}

/** Keys per statement, for requests that arrive at the same time. */
const AT_ONCE = 500;
/** Keys whose owner is known without asking Postgres. */
const KNOWN = 10_000;
const USE_EVERY_MS = 60_000;

/** Turns keys into principals. */
export class KeyAuth {
  #keys: Pick<KeyRepository, 'owner' | 'findWithUsers' | 'use'>;
  #now: () => number;
  #find: (id: string) => Promise<ActiveKey | null>;
  /** Owners by hash, least recently found first. */
  #known = new Map<string, KeyOwner>();
  /** When this node last recorded a use, by key, oldest first. */
  #used = new Map<string, number>();

  constructor(
    keys: Pick<KeyRepository, 'owner' | 'findWithUsers' | 'use'>,
    now: () => number = Date.now,
  ) {
    this.#keys = keys;
    this.#now = now;
    this.#find = createGroupedLookup(async (ids) => {
      const found = await keys.findWithUsers(ids);
      return new Map(found.map((key) => [key.id, key]));
    }, AT_ONCE);
  }

  /** `beforeLookup` may refuse a caller whose key this node has not seen yet. @throws AppError `token_invalid` */
  async owner(token: string, beforeLookup: () => Promise<void>): Promise<KeyOwner> {
    const hash = hashOfKey(token);
    if (hash === null) throw new AppError('token_invalid');
    const known = this.#known.get(hash);
    if (known) return known;
    await beforeLookup();
    const owner = await this.#keys.owner(hash);
    if (!owner) throw new AppError('token_invalid');
    remember(this.#known, hash, owner);
    return owner;
  }

  /** @throws AppError `key_revoked`, `account_disabled` */
  async admit({ id, userId }: KeyOwner): Promise<AuthenticatedUser> {
    const key = await this.#find(id);
    if (!key) throw new AppError('key_revoked');
    const { user, scopes, expiresAt } = key;
    if (!user.is_active) throw new AppError('account_disabled');
    if (!key.isAlive) throw new AppError('key_revoked');
    await this.used(id);
    const { username, roles } = user;
    const permissions = permissionsOf(roles, key.permissions);
    return {
      ...{ userId, username, roles, permissions, user },
      sessionId: keySessionId(id),
      scopes: new Set(scopes),
      expiresAt: expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
    };
  }

  /** Records a use, at most once a minute. Nobody is refused because it cannot be recorded. */
  async used(id: string): Promise<void> {
    const now = this.#now();
    if (now - (this.#used.get(id) ?? Number.NEGATIVE_INFINITY) < USE_EVERY_MS) return;
    remember(this.#used, id, now);
    await this.#keys.use(id).catch(() => {});
  }
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > KNOWN && oldest !== undefined) map.delete(oldest);
}
