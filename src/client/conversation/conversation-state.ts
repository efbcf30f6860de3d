import type { Conversation, Member, Message } from '../../contract/rest.js';
import type { Call } from '../call.js';
import type { ParleyError } from '../parley-error.js';
import type { BackoffOptions } from '../time/retry.js';
import type { Asks } from './asks.js';
import type { ChatMessage } from './message-view.js';

/** `gone`: deleted, or never this user's. */
export type ConversationPhase = 'opening' | 'open' | 'gone';

/** An open conversation as a page shows it. A new object after every change. */
export interface ConversationState {
  readonly id: number;
  readonly phase: ConversationPhase;
  readonly conversation: Conversation | null;
  readonly members: readonly Member[];
  readonly presence: readonly number[];
  /** The branch that is shown, oldest first. */
  readonly messages: readonly ChatMessage[];
  /** The leaf of the branch that only this device looks at; null: it shows the active branch. */
  readonly lookingAt: number | null;
  readonly hasMore: boolean;
  /** Why it could not be opened. Unless it is `gone`, the store retries by itself. */
  readonly error: ParleyError | null;
}

export const unopened = (id: number): ConversationState => ({
  id,
  phase: 'opening',
  conversation: null,
  members: [],
  presence: [],
  messages: [],
  lookingAt: null,
  hasMore: false,
  error: null,
});

export interface ConversationPorts {
  call: Call;
  /** Older messages, oldest first, before a message id. */
  older(conversationId: number, before: number): Promise<Message[]>;
  asks: Asks;
  /** How long a running answer may be silent before the server is asked about it. */
  silence?: BackoffOptions | undefined;
  /**
   * Time that another branch may be active before it is read, because its messages may only be on their way. Default 1
   * s.
   */
  followAfterMs?: number;
}
