import type { Held, View } from './book.js';
import type { Ack, Deed } from './deeds.js';

/**
 * `lost`: the connection ends during the call, so the reply is lost, and it is made again. `twice`: two calls at once
 * with one `client_id`. `again`: it is repeated after the reply. `given-up`: the connection ends, and it is not made
 * again.
 */
export type Manner = 'plain' | 'lost' | 'twice' | 'again' | 'given-up';

export type OnAck = (ack: Ack) => void;

/** A device of a person, which reconnects by itself whenever it loses its connection. */
export interface Phone {
  readonly name: string;
  readonly manners: readonly (readonly [weight: number, manner: Manner])[];
  /** Calls back with every acknowledgement. Rejects if the deed was refused permanently or given up. */
  act(deed: Deed, manner: Manner, onAck: OnAck): Promise<void>;
  stop(answerId: number): Promise<void>;
  follow(conversationId: number): void;
  /** The branch that it shows, oldest first. */
  branch(conversationId: number): readonly Held[];
  /** Whether an answer that it holds has not ended, on whatever branch. */
  isWaiting(conversationId: number): boolean;
  /** Keeps what it shows, and stops reading. */
  leave(conversationId: number): void;
  /** Loses its connection, and is back after `ms`. */
  drop(ms: number): Promise<void>;
  views(): View[];
  close(): void;
}

export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}
