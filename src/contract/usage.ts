import type { UserSummary } from './accounts.js';

/** Tokens of prompts and answers. A null `limit` means no limit. */
export interface UsagePeriod {
  tokens: number;
  limit: number | null;
}

/** The current day and month, in UTC. */
export interface UsageReport {
  day: UsagePeriod;
  month: UsagePeriod;
}

/** A user with their usage. */
export interface UserUsage extends UserSummary, UsageReport {}

/** `totals` are the sums of all users, on every page. */
export interface UsageList {
  totals: { day: { tokens: number }; month: { tokens: number } };
  users: UserUsage[];
}
