import { computed, type ReadonlySignal } from '@preact/signals';
import type { AdminRest } from '../../../client/index.js';
import type { Amount } from '../../../contract/amount.js';
import type { DayUsage, ModelUsage, UserSum } from '../../../contract/usage.js';
import { createLatest } from '../latest.js';

/** The usage of all users together. */
export interface UsageOfAll {
  days: readonly DayUsage[];
  models: readonly ModelUsage[];
  users: readonly UserSum[];
}

interface Sum {
  tokens: number;
  /** Null without a price, and if there are several currencies. */
  cost: Amount | null;
}

export interface AdminUsage {
  /** Null until it is known. */
  all: ReadonlySignal<UsageOfAll | null>;
  /** Sums of this day and month, in UTC. */
  totals: ReadonlySignal<{ day: Sum; month: Sum } | null>;
  load(): Promise<void>;
  /** Reads again the parts that were read once, and keeps them if that fails. */
  refresh(): void;
}

const NOTHING: Sum = { tokens: 0, cost: null };

/** A sum without the cost of one part would be too small. */
const sumOf = (parts: readonly Sum[]): Sum =>
  parts.reduce(
    (sum, { tokens, cost }) => ({
      tokens: sum.tokens + tokens,
      cost: sum.cost === null || cost === null ? null : sum.cost + cost,
    }),
    { tokens: 0, cost: 0 },
  );

const totalsOf = ({ days }: UsageOfAll, now: Date) => {
  const today = now.toISOString().slice(0, 10);
  return {
    day: days.find(({ day }) => day === today) ?? NOTHING,
    month: sumOf(days.filter(({ day }) => day.slice(0, 7) === today.slice(0, 7))),
  };
};

export function createAdminUsage(rest: Pick<AdminRest, 'usageBy'>): AdminUsage {
  const found = createLatest(async () => {
    const [days, models, users] = await Promise.all([
      rest.usageBy('day'),
      rest.usageBy('model'),
      rest.usageBy('user'),
    ]);
    const all: UsageOfAll = { days: days.rows, models: models.rows, users: users.rows };
    return { all, totals: totalsOf(all, new Date()) };
  });
  return {
    all: computed(() => found.value.value?.all ?? null),
    totals: computed(() => found.value.value?.totals ?? null),
    load: found.read,
    refresh: () => {
      if (found.value.peek() !== null) void found.read().catch(() => {});
    },
  };
}
