import type { UserSummary } from './accounts.js';

/** Tokens of prompts and answers. A null `limit` means no limit. */
export interface UsagePeriod {
  tokens: number;
  limit: number | null;
}

export interface OwnUsagePeriod extends UsagePeriod {
  /** Held by answers that wait or run. When they end, what they have used becomes part of `tokens`. */
  reserved: number;
  /** In the currency of the models' prices; null if that is unknown, or if there are several. */
  cost: number | null;
}

/** The answers of one model. */
export interface ModelUsage {
  model: string;
  tokens: number;
  cost: number | null;
}

/** `day` is `YYYY-MM-DD`, in UTC. */
export interface DayUsage {
  day: string;
  tokens: number;
  cost: number | null;
}

/** Periods and days are those of UTC. */
export interface UsageReport {
  day: OwnUsagePeriod;
  month: OwnUsagePeriod;
  /** In this month; most tokens first. */
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
