import type { UserSummary } from './accounts.js';
import type { AdminPageQuery } from './admin.js';
import type { Amount } from './amount.js';

/** Tokens of prompts and answers. A null `limit` means no limit. */
export interface UsagePeriod {
  tokens: number;
  limit: number | null;
}

export interface OwnUsagePeriod extends UsagePeriod {
  /** Tokens held by answers that wait or run. When these end, their usage becomes part of `tokens`. */
  reserved: number;
  /** Cost in the currency of the models' prices; null if that is unknown, or if there are several. */
  cost: Amount | null;
}

/** The answers of one model. */
export interface ModelUsage {
  model: string;
  tokens: number;
  cost: Amount | null;
}

/** `day` is `YYYY-MM-DD`, in UTC. */
export interface DayUsage {
  day: string;
  tokens: number;
  cost: Amount | null;
}

/** Periods and days are those of UTC. */
export interface UsageReport {
  day: OwnUsagePeriod;
  month: OwnUsagePeriod;
  /** The models of this month; most tokens first. */
  by_model: ModelUsage[];
  /** Days with usage among the last 31, oldest first. */
  days: DayUsage[];
}

/** A user with their usage of the current day and month. */
export interface UserUsage extends UserSummary {
  day: UsagePeriod;
  month: UsagePeriod;
}

/** `totals` are the sums of all users, on every page. */
export interface UsageList {
  totals: { day: { tokens: number }; month: { tokens: number } };
  users: UserUsage[];
}

/** What usage is summed by. */
export const USAGE_SUMS = ['user', 'model', 'day'] as const;
export type UsageSumBy = (typeof USAGE_SUMS)[number];

/** Lists users if there is no `by`. */
export interface UsageQuery extends AdminPageQuery {
  by?: UsageSumBy;
}

/** A user's usage of this month. */
export interface UserSum {
  user: UserSummary;
  tokens: number;
  cost: Amount | null;
}

/**
 * Usage of all users. Users and models: of this month, most tokens first. Days: those with usage among the last 31,
 * oldest first.
 */
export type UsageSums =
  | { by: 'user'; rows: UserSum[] }
  | { by: 'model'; rows: ModelUsage[] }
  | { by: 'day'; rows: DayUsage[] };
