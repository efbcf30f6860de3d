export interface DelayRule {
  /** Names the counted action. Keys of different rules are separate. */
  name: string;
  /** The last of this many failures is the first that costs a wait. */
  free: number;
  /** The wait after failure number `free`. Each further failure doubles it. */
  firstMs: number;
  mostMs: number;
  /** All delays are reset after this long without a failure. Must exceed `mostMs`. */
  forgetMs: number;
}

/**
 * Failures of a key, over all nodes, and the wait that they cause. Counting is atomic. Without the shared store each
 * node counts for itself. Keys are bounded: in memory the oldest are dropped, in a store they expire.
 */
export interface FailureDelays {
  /** Ms until `key` may try again; 0: now. Changes nothing. Never rejects. */
  waitMs(rule: DelayRule, key: string): Promise<number>;
  /** Counts a failure and resolves to the ms that `key` must wait. Never rejects. */
  fail(rule: DelayRule, key: string): Promise<number>;
  /** Resets the key. Never rejects. */
  forget(rule: DelayRule, key: string): Promise<void>;
}
