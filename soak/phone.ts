import type { MessageStatus } from '../src/contract/rest.js';
import type { Receipt, View } from './book.js';

export interface Draft {
  content: string;
  /** Null begins a new conversation. */
  conversationId: number | null;
}

/**
 * `lost`: the connection ends under the send, so that the reply is lost; it is sent again. `twice`: two sends at once
 * with one `client_id`. `again`: it is repeated after the reply. `given-up`: the connection ends, and it is not
 * sent again.
 */
export type Manner = 'plain' | 'lost' | 'twice' | 'again' | 'given-up';

/** `status` is that of the answer when the send was acknowledged. */
export type OnReceipt = (receipt: Receipt, status: MessageStatus) => void;

/** A device of a person, which comes back by itself whenever it loses its connection. */
export interface Phone {
  readonly name: string;
  readonly manners: readonly (readonly [weight: number, manner: Manner])[];
  /** Calls back with every acknowledgement. Rejects when the send was refused for good or given up. */
  ask(draft: Draft, manner: Manner, onReceipt: OnReceipt): Promise<void>;
  stop(answerId: number): Promise<void>;
  follow(conversationId: number): void;
  /** Whether it follows, and shows all these answers to their ends. */
  hasAll(conversationId: number, answerIds: readonly number[]): boolean;
  /** Keeps what it shows, and reads no further. */
  leave(conversationId: number): void;
  /** Loses its connection and is back after `ms`. */
  drop(ms: number): Promise<void>;
  views(): View[];
  close(): void;
}

export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}
