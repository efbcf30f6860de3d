import type { Result } from 'ioredis';
import type { FailureDelays } from '../../ports/failure-delays.js';
import type { RedisClient } from './connection/clients.js';
import type { Shards } from './connection/shards.js';
import type { Keys } from './keys.js';

export interface RedisDelaysDeps {
  client: RedisClient;
  shards: Shards;
  keys: Keys;
  /** Counts for this node alone while Redis is away. */
  fallback: FailureDelays;
}

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

const WAIT = `${NOW}
local from = tonumber(redis.call('HGET', KEYS[1], 'until') or 0)
return math.max(0, from - now)`;

/** The rule of `delayAfter`. Arguments: free, first ms, most ms, ms until it is forgotten. */
const FAIL = `${NOW}
local free, first, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local count = redis.call('HINCRBY', KEYS[1], 'count', 1)
local delay = 0
if count >= free then delay = math.min(first * 2 ^ (count - free), most) end
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + delay))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return delay`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    parleyDelayWait(key: string): Result<number, Context>;
    parleyDelayFail(
      key: string,
      free: number,
      firstMs: number,
      mostMs: number,
      forgetMs: number,
    ): Result<number, Context>;
  }
}

/** Delays that all nodes share, by the clock of Redis. While Redis is away each node has its own. */
export function createRedisDelays({ client, shards, keys, fallback }: RedisDelaysDeps) {
  client.defineCommand('parleyDelayWait', { numberOfKeys: 1, lua: WAIT });
  client.defineCommand('parleyDelayFail', { numberOfKeys: 1, lua: FAIL });
  const run = <T>(id: string, command: () => Promise<T>) => shards.of(id).circuit.run(command);

  const delays: FailureDelays = {
    waitMs(rule, key) {
      const id = keys.delay(rule.name, key);
      return run(id, () => client.parleyDelayWait(id)).catch(() => fallback.waitMs(rule, key));
    },

    fail(rule, key) {
      const id = keys.delay(rule.name, key);
      const { free, firstMs, mostMs, forgetMs } = rule;
      const count = () => client.parleyDelayFail(id, free, firstMs, mostMs, forgetMs);
      return run(id, count).catch(() => fallback.fail(rule, key));
    },

    async forget(rule, key) {
      const id = keys.delay(rule.name, key);
      await fallback.forget(rule, key);
      await run(id, () => client.del(id)).catch(() => {});
    },
  };
  return delays;
}
