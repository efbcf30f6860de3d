import type { AckData, ClientEventName, ClientPayload } from '../contract/events.js';
import type { Conversation, Member, Message } from '../contract/rest.js';
import type { ChatMessage } from './message-log.js';
import type { ParleyError } from './parley-error.js';
import type { BackoffOptions } from './retry.js';

export type Call = <E extends ClientEventName>(
  event: E,
  payload: ClientPayload<E>,
) => Promise<AckData<E>>;

/** `gone`: deleted, or never this user's. */
export type ConversationPhase = 'opening' | 'open' | 'gone';

export interface ConversationState {
  readonly id: number;
  readonly phase: ConversationPhase;
  readonly conversation: Conversation | null;
  readonly members: readonly Member[];
  readonly presence: readonly number[];
  readonly messages: readonly ChatMessage[];
  readonly hasMore: boolean;
  /** Why it could not be opened. Unless it is `gone`, the store retries by itself. */
  readonly error: ParleyError | null;
}

export interface ConversationPorts {
  call: Call;
  /** Older messages, oldest first, before a message id. */
  older(conversationId: number, before: number): Promise<Message[]>;
  /** How long a running answer may be silent before the server is asked about it. */
  silence?: BackoffOptions | undefined;
}
