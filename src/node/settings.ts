import type { Config } from '../config/config.js';
import { LIMITS } from '../contract/limits.js';
import { KeyedBuckets } from '../domain/limits/keyed-buckets.js';
import { scaledBy, unlessOff } from '../domain/limits/scaled.js';
import { UserQueue } from '../domain/limits/user-queue.js';
import type { ServiceSettings } from '../domain/service-options.js';
import type { GatewayOptions } from '../gateway/deps.js';

/** Searches and exports of one user at a time. */
const HEAVY_PER_USER = 2;
/** Imports at a time; each takes a part of a processor, and of Postgres. */
const IMPORTS = { perUser: 1, total: 2 };
/** Events, and REST reads, of one user that run at once, and that may wait. */
const CALLS_PER_USER = 3;
const WAITING = { events: 500, reads: 200 };
/** Bytes of replies to one user: two pages at once, then this many per second. */
const SENT = { burst: 2 * LIMITS.pageBytes, perSecond: 4 * LIMITS.pageBytes };

export const gatewayOptions = (
  { app, auth, http, limits }: Config,
  nodeId: string,
  page: string | null,
): GatewayOptions => ({
  version: app.version,
  nodeId,
  page,
  corsOrigins: [...http.corsOrigins, ...http.bodyTokenOrigins],
  // Clients are told it, and JSON has no Infinity.
  maxOpen: limits.scale === 0 ? Number.MAX_SAFE_INTEGER : LIMITS.openConversations,
  recheckMs: auth.recheckMs,
});

export function serviceSettings(config: Config, nodeId: string): ServiceSettings {
  const { auth, database, generation, limits, provider, webhooks } = config;
  const scaled = scaledBy(limits.scale);
  return {
    auth,
    model: { ...provider, model: provider.defaultModel },
    reserveTokens: provider.reserveTokens,
    titles: {
      enabled: provider.autoTitle,
      model: provider.titleModel,
      defaultModel: provider.defaultModel,
    },
    scheduler: {
      nodeId,
      leaseMs: generation.leaseMs,
      pollMs: generation.pollMs,
      perNode: scaled(generation.perNode),
      perUser: scaled(generation.perUser),
      total: generation.total === 0 ? Number.POSITIVE_INFINITY : scaled(generation.total),
    },
    tries: generation.tries,
    pendingPerUser: scaled(generation.pendingPerUser),
    heavyWork: {
      perUser: unlessOff(limits.scale, HEAVY_PER_USER),
      total: Math.max(1, Math.floor(database.poolMax / 4)),
    },
    imports: { ...IMPORTS, perUser: unlessOff(limits.scale, IMPORTS.perUser) },
    installation: webhooks.installation,
  };
}

/** Events and REST reads have separate queues. The bytes of their replies are counted together. */
export function userQueues(scale: number): Record<'events' | 'reads', UserQueue> {
  const perSecond = unlessOff(scale, SENT.perSecond * scale);
  const sent = new KeyedBuckets(perSecond, SENT.burst);
  const queue = (mostWaiting: number) =>
    new UserQueue({ atOnce: unlessOff(scale, CALLS_PER_USER), mostWaiting }, sent);
  return { events: queue(WAITING.events), reads: queue(WAITING.reads) };
}
