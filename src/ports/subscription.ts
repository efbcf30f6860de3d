/** Ends with `close`. */
export interface Subscription {
  /** Idempotent. */
  close(): void;
}
