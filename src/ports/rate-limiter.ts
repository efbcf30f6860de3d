export interface RateRule {
  /** Names the budget. Keys of different rules are separate. */
  name: string;
  points: number;
  windowMs: number;
}

export interface RateLimiter {
  /**
   * Takes `cost` (default 1) from the budget of `key`. Resolves to 0, or to the ms to wait if it is exhausted. Never
   * rejects.
   */
  consume(rule: RateRule, key: string, cost?: number): Promise<number>;
}
