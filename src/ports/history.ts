import type { Subscription } from './subscription.js';

/** Identity of one history of the data; `number` rises with each. */
export interface HistoryMark {
  number: number;
  id: string;
}

/**
 * What is stored can go back in time: a failover to a standby that lagged, a restored backup. Then a new history begins,
 * in which no id and no attempt is given out a second time.
 */
export interface History {
  /** Ms since the epoch by Postgres' clock, wherever this node's own stands; while Postgres is away it goes on. */
  now(): number;
  /** Called when another history has begun: what was read before may not be there any more. */
  onChange(listener: (mark: HistoryMark) => void): Subscription;
  /** Another node has seen this history. From now on connections to an older one are not used. */
  told(mark: HistoryMark): void;
}
