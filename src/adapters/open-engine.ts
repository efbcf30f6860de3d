import type { Logger } from '../domain/logger.js';
import type { Engine, Subscription } from '../ports/engine.js';
import type { NodeRepository } from '../ports/repositories.js';
import { createMemoryEngine } from './memory/engine.js';
import { createRedisEngine, type RedisEngineOptions } from './redis/engine.js';
import type { SocketAdapter } from './redis/socket-adapter.js';

export interface EngineSettings {
  /** Null: the memory engine. */
  redis: Pick<
    RedisEngineOptions,
    'url' | 'keyPrefix' | 'commandTimeoutMs' | 'presenceTtlMs'
  > | null;
  nodeId: string;
}

/** Carries the rooms of users and sessions between nodes. */
export interface SocketTransport {
  adapter: SocketAdapter;
  /** What other nodes sent meanwhile is lost. */
  onReconnected(listener: () => void): Subscription;
}

export interface OpenEngine {
  engine: Engine;
  /** Null where there are no other nodes. */
  sockets: SocketTransport | null;
}

/** Nothing is connected before `engine.start()`. */
export function openEngine(
  { redis, nodeId }: EngineSettings,
  nodes: NodeRepository,
  logger: Logger,
): OpenEngine {
  if (!redis) return { engine: createMemoryEngine(), sockets: null };
  const peersHear = () => nodes.peersHear(nodeId);
  const engine = createRedisEngine({ ...redis, nodeId, logger, peersHear });
  const onReconnected = (listener: () => void) => engine.onSocketsReconnected(listener);
  return { engine, sockets: { adapter: engine.socketAdapter(), onReconnected } };
}
