import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiter, RateRule } from '../../ports/rate-limiter.js';
import type { RedisClient } from './connection/clients.js';
import type { Shards } from './connection/shards.js';
import type { Keys } from './keys.js';

export interface RedisRateLimiterDeps {
  client: RedisClient;
  shards: Shards;
  keys: Keys;
  /** Counts for this node alone while Redis is away. */
  fallback: RateLimiter;
}

/** Redis' expiry is in whole seconds. */
const secondsOf = ({ windowMs }: RateRule) => Math.max(1, Math.ceil(windowMs / 1_000));

/** A key over its budget is refused from memory until its window ends, so a flood does not reach Redis. */
function createBudget(rule: RateRule, { client, keys }: RedisRateLimiterDeps): RateLimiterRedis {
  return new RateLimiterRedis({
    storeClient: client,
    keyPrefix: keys.limit(`${rule.name}:${rule.windowMs}`),
    points: rule.points,
    duration: secondsOf(rule),
    inMemoryBlockOnConsumed: rule.points + 1,
  });
}

async function consume(budget: RateLimiterRedis, key: string, cost: number): Promise<number> {
  try {
    await budget.consume(key, cost);
    return 0;
  } catch (error) {
    if (error instanceof RateLimiterRes) return Math.max(1, error.msBeforeNext);
    throw error;
  }
}

/** Budgets that all nodes share. While Redis is away each node has its own. */
export function createRedisRateLimiter(deps: RedisRateLimiterDeps): RateLimiter {
  const budgets = new Map<string, RateLimiterRedis>();

  const budgetOf = (rule: RateRule) => {
    const name = `${rule.name} ${rule.points} ${rule.windowMs}`;
    const budget = budgets.get(name) ?? createBudget(rule, deps);
    budgets.set(name, budget);
    return budget;
  };

  return {
    async consume(rule, key, cost = 1) {
      const budget = budgetOf(rule);
      try {
        const { circuit } = deps.shards.of(budget.getKey(key));
        return await circuit.run(() => consume(budget, key, cost));
      } catch {
        return deps.fallback.consume(rule, key, cost);
      }
    },
  };
}
