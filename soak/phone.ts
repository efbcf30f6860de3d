import type { MessageStatus } from '../src/contract/rest.js';
import type { Receipt, View } from './book.js';

export interface Draft {
  content: string;
  /** Null begins a new conversation. */
  conversationId: number | null;
}

/**
 * `lost`: the connection ends during the send, so the reply is lost, and it is sent again. `twice`: two sends at once
 * with one `client_id`. `again`: it is repeated after the reply. `given-up`: the connection ends, and it is not sent
 * again.
 */
export type Manner = 'plain' | 'lost' | 'twice' | 'again' | 'given-up';

/** `status` is the answer's status in the acknowledgement. */
export type OnReceipt = (receipt: Receipt, status: MessageStatus) => void;

/** A device of a person, which reconnects by itself whenever it loses its connection. */
export interface Phone {
  readonly name: string;
  readonly manners: readonly (readonly [weight: number, manner: Manner])[];
  /** Calls back with every acknowledgement. Rejects if the send was refused permanently or given up. */
  ask(draft: Draft, manner: Manner, onReceipt: OnReceipt): Promise<void>;
  stop(answerId: number): Promise<void>;
  follow(conversationId: number): void;
  /** Whether it follows the conversation, and shows all these answers to their ends. */
  hasAll(conversationId: number, answerIds: readonly number[]): boolean;
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
