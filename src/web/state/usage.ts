import type { ModelInfo } from '../../contract/rest.js';
import type { DayUsage } from '../../contract/usage.js';

const DAY_MS = 86_400_000;
/** Days in the chart of usage. */
const CHART_DAYS = 31;

/** The last days up to `now` in UTC, oldest first; those without usage have 0 tokens. */
export function everyDay(days: readonly DayUsage[], now: number): DayUsage[] {
  const known = new Map(days.map((day) => [day.day, day]));
  return Array.from({ length: CHART_DAYS }, (_, i) => {
    const day = new Date(now - (CHART_DAYS - 1 - i) * DAY_MS).toISOString().slice(0, 10);
    return known.get(day) ?? { day, tokens: 0, cost: null };
  });
}

/** The currency of all prices; null if there are several, or none. */
export function currencyOf(models: readonly Pick<ModelInfo, 'price'>[]): string | null {
  const [currency, ...others] = new Set(models.flatMap(({ price }) => price?.currency ?? []));
  return currency !== undefined && others.length === 0 ? currency : null;
}
