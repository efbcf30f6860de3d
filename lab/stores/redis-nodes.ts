import { randomBytes } from 'node:crypto';
import {
  createRedisEngine,
  type RedisEngine,
  type RedisEngineOptions,
} from '../../src/adapters/redis/engine.js';
import { createLogger } from '../../src/node/logger.js';
import type { Engine } from '../../src/ports/engine.js';
import { eventually } from '../eventually.js';

export interface RedisNodes {
  engine: RedisEngine;
  peer: RedisEngine;
  keyPrefix: string;
  presenceTtlMs: number;
  stop(): Promise<void>;
}

/** A machine that stalls is not taken for a Redis that is away. */
const PATIENT_MS = 5_000;

/** For tests in which Redis does not answer: they wait for the end of this time. */
export const IMPATIENT = { commandTimeoutMs: 500 };

const logger = createLogger({ level: process.env.TEST_LOG ?? 'silent', pretty: false });

export function redisEngine(options: Partial<RedisEngineOptions> & { url: string }): RedisEngine {
  const nodeId = randomBytes(6).toString('hex');
  return createRedisEngine({
    keyPrefix: 'test:',
    commandTimeoutMs: PATIENT_MS,
    nodeId,
    logger,
    ...options,
  });
}

/** Two nodes with their own key prefix. Each may have its own connection to Redis. */
export async function startRedisNodes(
  url: string,
  engineUrl = url,
  options: Partial<RedisEngineOptions> = {},
): Promise<RedisNodes> {
  const keyPrefix = `test-${randomBytes(4).toString('hex')}:`;
  const engine = redisEngine({ ...options, url: engineUrl, keyPrefix });
  const peer = redisEngine({ ...options, url, keyPrefix });
  await Promise.all([engine.start(), peer.start()]);
  return {
    engine,
    peer,
    keyPrefix,
    presenceTtlMs: options.presenceTtlMs ?? 30_000,
    async stop() {
      await Promise.all([engine.stop(), peer.stop()]);
    },
  };
}

/** Resolves when an engine is well. */
export const isWell = ({ health }: Pick<Engine, 'health'>) =>
  eventually(
    () => health.check(),
    (verdict) => verdict === 'ok',
  );
