import type { DelayRule, FailureDelays } from '../../ports/failure-delays.js';

/** Strangers choose the keys: beyond this many the oldest is dropped. */
const MAX_KEYS = 50_000;

interface Failures {
  count: number;
  waitUntil: number;
  forgetAt: number;
}

/** The wait of the next try after this many failures. */
export const delayAfter = (count: number, { free, firstMs, mostMs }: DelayRule): number =>
  count < free ? 0 : Math.min(firstMs * 2 ** (count - free), mostMs);

/** Delays of one process. Memory stays bounded however many keys there are. */
export function createMemoryDelays(maxKeys = MAX_KEYS): FailureDelays {
  const entries = new Map<string, Failures>();
  const keyOf = (rule: DelayRule, key: string) => `${rule.name} ${key}`;

  const find = (id: string): Failures | null => {
    const found = entries.get(id);
    return found && found.forgetAt > performance.now() ? found : null;
  };

  const put = (id: string, failures: Failures): void => {
    entries.delete(id);
    entries.set(id, failures);
    const [oldest] = entries.keys();
    if (entries.size > maxKeys && oldest !== undefined) entries.delete(oldest);
  };

  return {
    async waitMs(rule, key) {
      const failures = find(keyOf(rule, key));
      return Math.max(0, (failures?.waitUntil ?? 0) - performance.now());
    },

    async fail(rule, key) {
      const id = keyOf(rule, key);
      const count = (find(id)?.count ?? 0) + 1;
      const now = performance.now();
      const delay = delayAfter(count, rule);
      put(id, { count, waitUntil: now + delay, forgetAt: now + rule.forgetMs });
      return delay;
    },

    async forget(rule, key) {
      entries.delete(keyOf(rule, key));
    },
  };
}
