import type { Subscription } from './subscription.js';

/** Identity of one history of the data; `number` rises with each. */
export interface HistoryMark {
  number: number;
  id: string;
}

/**
 * The data can go back in time: a failover to a lagging standby, a restored backup. Then a new history begins, in
 * which no id and no attempt is used a second time.
 */
export interface History {
  /** Ms since the epoch by Postgres' clock, independent of this node's own. It continues while Postgres is away. */
  now(): number;
  /** Called when another history has begun: data read before may no longer exist. */
  onChange(listener: (mark: HistoryMark) => void): Subscription;
  /** Another node has seen this history. From now on connections to an older one are not used. */
  told(mark: HistoryMark): void;
}
