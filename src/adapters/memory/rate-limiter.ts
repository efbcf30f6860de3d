import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { RateLimiter, RateRule } from '../../ports/rate-limiter.js';

/** Keys of one rule that get their own budget within a window. Further keys share the budgets below. */
const MAX_KEYS = 50_000;
const SHARED_BUDGETS = 1_024;

interface Window {
  endsAt: number;
  newKeys: number;
}

/** Chooses one of the shared budgets for a key (FNV-1a). */
function sharedBudget(key: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) >>> 0;
  }
  return `shared ${hash % SHARED_BUDGETS}`;
}

function createBudgets(windowMs: number, maxKeys: number) {
  const limiter = new RateLimiterMemory({ points: 0, duration: windowMs / 1000 });
  let window: Window = { endsAt: 0, newKeys: 0 };

  const currentWindow = () => {
    const now = performance.now();
    if (now >= window.endsAt) window = { endsAt: now + windowMs, newKeys: 0 };
    return window;
  };

  return async (rule: RateRule, key: string, cost: number): Promise<number> => {
    const current = currentWindow();
    const full = current.newKeys >= maxKeys && (await limiter.get(key)) === null;
    const result = await limiter.penalty(full ? sharedBudget(key) : key, cost);
    if (result.isFirstInDuration) current.newKeys += 1;
    return result.consumedPoints > rule.points ? Math.max(1, result.msBeforeNext) : 0;
  };
}

/** Budgets of one process, in fixed windows. Memory stays bounded however many keys there are. */
export function createMemoryRateLimiter(maxKeys = MAX_KEYS): RateLimiter {
  const budgets = new Map<string, ReturnType<typeof createBudgets>>();

  const budgetsOf = (rule: RateRule) => {
    const name = `${rule.name} ${rule.windowMs}`;
    const known = budgets.get(name) ?? createBudgets(rule.windowMs, maxKeys);
    budgets.set(name, known);
    return known;
  };

  return {
    consume: (rule, key, cost = 1) => budgetsOf(rule)(rule, key, cost),
  };
}
