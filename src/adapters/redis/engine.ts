import type { Redis } from 'ioredis';
import { describeTarget, parseRedisUrl, type RedisTarget } from '../../config/redis-url.js';
import type { Logger } from '../../domain/logger.js';
import type { Engine } from '../../ports/engine.js';
import type { Subscription } from '../../ports/subscription.js';
import { noTelemetry, type Telemetry } from '../../ports/telemetry.js';
import { createMemoryDelays } from '../memory/failure-delays.js';
import { createMemoryHub } from '../memory/hub.js';
import { createMemoryLog } from '../memory/live-log.js';
import { createMemoryPace } from '../memory/model-pace.js';
import { createMemoryRateLimiter } from '../memory/rate-limiter.js';
import { Channels } from './channels.js';
import { openCluster, openSingle } from './connection/clients.js';
import { checkServer, connectWithin } from './connection/connect.js';
import { ClusterShards, createSingleShard, type ShardOptions } from './connection/shards.js';
import { createRedisDelays } from './failure-delays.js';
import { Beats } from './health.js';
import { createKeys } from './keys.js';
import { ConversationReaders } from './log/conversation-readers.js';
import { Envelopes } from './log/envelope.js';
import { RedisLiveLog } from './log/live-log.js';
import { LogCommands } from './log/log-commands.js';
import { OwedResyncs } from './log/owed-resyncs.js';
import { defineScripts } from './log/scripts.js';
import { createMeeting } from './meeting.js';
import { createRedisPace } from './model-pace.js';
import { RedisNotices } from './notices.js';
import { definePaceScripts } from './pace-scripts.js';
import { RedisPresence } from './presence.js';
import { createRedisRateLimiter } from './rate-limiter.js';
import { type SocketAdapter, SocketBus } from './socket-adapter.js';

export interface RedisEngineOptions {
  url: string;
  keyPrefix: string;
  /** How long the node waits for Redis before it continues without it. */
  commandTimeoutMs: number;
  /** Unique among the nodes and new for every process. */
  nodeId: string;
  logger: Logger;
  telemetry?: Telemetry;
  /**
   * Whether another node has reported within the last `ms`, by something other than Redis, that it hears Redis. Without
   * it Redis counts as away for all.
   */
  peersHear?(ms: number): Promise<boolean>;
  /** How long users of a dead node may still be present. */
  presenceTtlMs?: number;
  /** How long the start tries to reach Redis before it fails. */
  startWithinMs?: number;
}

const START_WITHIN_MS = 5_000;
const PRESENCE_TTL_MS = 30_000;

export interface RedisEngine extends Engine {
  readonly kind: 'redis';
  /** Returns the value of Socket.IO's `adapter` option. Call it once. */
  socketAdapter(): SocketAdapter;
  /** Called when the adapter is back after an interruption: other nodes' messages in between are lost. */
  onSocketsReconnected(listener: () => void): Subscription;
}

function openShards(target: RedisTarget, options: ShardOptions) {
  if (target.kind === 'cluster') {
    const client = openCluster(target);
    return { client, shards: new ClusterShards(client, options) };
  }
  const client: Redis = openSingle(target);
  return { client, shards: createSingleShard(client, options) };
}

/** Wires everything below the ports. Nothing is connected yet. */
function createParts(options: RedisEngineOptions) {
  const { nodeId, logger, telemetry = noTelemetry, commandTimeoutMs: timeoutMs } = options;
  const target = parseRedisUrl(options.url);
  const keys = createKeys(options.keyPrefix, nodeId);
  const { client, shards } = openShards(target, { target, keys, timeoutMs, logger, telemetry });
  defineScripts(client);
  definePaceScripts(client);
  // Circuits log outages; an error without a listener would end the node.
  client.on('error', () => {});
  const envelopes = new Envelopes(nodeId);
  const channels = new Channels(shards);
  const shared = { client, shards, channels, keys, nodeId, envelopes, logger };
  const readers = new ConversationReaders(shared);
  readers.events.on('gap', () => telemetry.gapFound());
  const ttlMs = options.presenceTtlMs ?? PRESENCE_TTL_MS;
  const presence = new RedisPresence({ ...shared, readers, ttlMs });
  const notices = new RedisNotices({
    ...shared,
    channel: keys.notices,
    onResyncAll: () => readers.resyncAll(),
  });
  const sockets = new SocketBus({ target, keys, timeoutMs, logger });
  const beats = new Beats({
    ...shared,
    telemetry,
    peersHear: options.peersHear ?? (async () => false),
    isBusDeaf: () => sockets.deaf,
  });
  return { ...shared, target, readers, presence, notices, sockets, beats };
}

type Parts = ReturnType<typeof createParts>;

function createLog({ client, shards, keys, envelopes, logger, readers, notices }: Parts) {
  const commands = new LogCommands(client, shards, keys, envelopes);
  const owed = new OwedResyncs({
    publish: async (conversationId) => {
      await commands.publish(envelopes.wrap(conversationId, null));
    },
    publishToAll: () => notices.resyncOthers(),
  });
  for (const event of ['recovered', 'changed'] as const) {
    shards.events.on(event, () => void owed.pay());
  }
  const hub = createMemoryHub();
  const shadow = createMemoryLog(hub);
  const log = new RedisLiveLog({
    ...{ client, shards, keys, envelopes, commands, readers, owed, shadow, logger },
  });
  return { log, stop: () => hub.logs.stop() };
}

async function start(parts: Parts, withinMs = START_WITHIN_MS): Promise<void> {
  const { client, shards, presence, notices, sockets, beats, target, logger } = parts;
  await connectWithin(client, target, withinMs);
  await checkServer(client, logger);
  await shards.start();
  presence.start();
  await Promise.all([beats.start(), notices.start(), sockets.start()]);
  logger.info({ redis: describeTarget(target) }, 'redis engine started');
}

function stop({ client, shards, presence, sockets, beats }: Parts): void {
  presence.stop();
  beats.stop();
  sockets.stop();
  shards.stop();
  client.disconnect();
}

/** The engine of many nodes. @throws Error if the URL or the prefix is invalid */
export function createRedisEngine(options: RedisEngineOptions): RedisEngine {
  const parts = createParts(options);
  const { log, stop: stopLog } = createLog(parts);
  const fallback = createMemoryRateLimiter();
  const stopAll = async () => {
    stop(parts);
    stopLog();
  };
  return {
    kind: 'redis',
    log,
    presence: parts.presence,
    notices: parts.notices,
    limiter: createRedisRateLimiter({ ...parts, fallback }),
    delays: createRedisDelays({ ...parts, fallback: createMemoryDelays() }),
    pace: createRedisPace({ ...parts, keys: parts.keys.line(''), fallback: createMemoryPace() }),
    paceOf: (provider) =>
      createRedisPace({ ...parts, keys: parts.keys.line(provider), fallback: createMemoryPace() }),
    health: parts.beats,
    meet: createMeeting(parts),
    start: () =>
      start(parts, options.startWithinMs).catch(async (error: unknown) => {
        await stopAll();
        throw error;
      }),
    stop: stopAll,
    socketAdapter: () => parts.sockets.adapter(),
    onSocketsReconnected: (listener) => parts.sockets.onReconnect(listener),
  };
}
