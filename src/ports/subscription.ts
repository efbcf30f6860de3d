export interface Subscription {
  /** Idempotent. */
  close(): void;
}
