export interface RateRule {
  /** Names the budget; keys of different rules never meet. */
  name: string;
  points: number;
  windowMs: number;
}

export interface RateLimiter {
  /** Takes `cost` (default 1) from the budget of `key`. Resolves to 0, or to the ms to wait when it is used up. Never rejects. */
  consume(rule: RateRule, key: string, cost?: number): Promise<number>;
}
