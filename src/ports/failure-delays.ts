export interface DelayRule {
  /** Names what is counted; keys of different rules never meet. */
  name: string;
  /** So many failures cost no wait but the last. */
  free: number;
  /** After failure number `free`; each further one doubles it. */
  firstMs: number;
  mostMs: number;
  /** Without a failure for this long, all are forgotten; above `mostMs`. */
  forgetMs: number;
}

/**
 * Failures of a key, on all nodes together, and how long they keep it waiting. Counting is atomic; without the
 * shared store each node counts for itself. Keys are bounded: in memory the oldest are forgotten, in a store they expire.
 */
export interface FailureDelays {
  /** Ms until `key` may try again; 0: now. Takes nothing. Never rejects. */
  waitMs(rule: DelayRule, key: string): Promise<number>;
  /** Counts a failure and resolves to the ms that `key` has to wait from now on. Never rejects. */
  fail(rule: DelayRule, key: string): Promise<number>;
  /** Begins anew. Never rejects. */
  forget(rule: DelayRule, key: string): Promise<void>;
}
