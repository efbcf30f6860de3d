import type { Logger } from '../domain/logger.js';
import type { Engine } from '../ports/engine.js';
import type { SocketTransport } from '../ports/socket-transport.js';
import type { Telemetry } from '../ports/telemetry.js';
import { createMemoryEngine } from './memory/engine.js';
import { onBothWays } from './postgres/notice-bus.js';
import type { OpenDatabase } from './postgres/open-database.js';
import { createRedisEngine, type RedisEngineOptions } from './redis/engine.js';
import type { SocketAdapter } from './redis/socket-adapter.js';

export interface EngineSettings {
  /** Null: the memory engine. */
  redis: Pick<
    RedisEngineOptions,
    'url' | 'keyPrefix' | 'commandTimeoutMs' | 'presenceTtlMs'
  > | null;
  nodeId: string;
  /** The id of the deployment. */
  id: string;
}

export interface OpenEngine {
  engine: Engine;
  /** Null if there are no other nodes. */
  sockets: SocketTransport<SocketAdapter> | null;
}

/** Nothing is connected before `engine.start()`. */
export function openEngine(
  { redis, nodeId, id }: EngineSettings,
  { db, bus }: Pick<OpenDatabase, 'db' | 'bus'>,
  logger: Logger,
  telemetry: Telemetry,
): OpenEngine {
  const withBus = (engine: Engine) => ({ ...engine, notices: onBothWays(engine.notices, bus) });
  if (!redis) return { engine: withBus(createMemoryEngine()), sockets: null };
  const peersHear = (ms: number) => db.nodes.peersHear(nodeId, ms);
  // Separates deployments that share this Redis, whatever their prefixes and databases: pub/sub ignores
  // databases.
  const keyPrefix = `${redis.keyPrefix}${id}:`;
  const engine = createRedisEngine({ ...redis, keyPrefix, nodeId, logger, telemetry, peersHear });
  const onReconnected = (listener: () => void) => engine.onSocketsReconnected(listener);
  return { engine: withBus(engine), sockets: { adapter: engine.socketAdapter(), onReconnected } };
}
