import type { WireError } from './errors.js';
import type {
  AnswerAgain,
  ContinueBody,
  Conversation,
  ConversationChanges,
  ConversationFields,
  ConversationListQuery,
  EditBody,
  Member,
  Message,
  MessageStatus,
  RegenerateBody,
  SelectedBranch,
  SendBody,
  StopResult,
  StoredQuestion,
} from './rest.js';
import type { SearchPage, SearchQuery } from './search.js';
import type { MemberEvents, RoomEvents, SocketEvents, UserEvents } from './server-events.js';
import type { Timestamp } from './timestamp.js';

export type * from './server-events.js';

/** Version of the wire protocol. A client of another version is refused. */
export const PROTOCOL_VERSION = 1;

/**
 * A position in the text of one answer: after all deltas of `attempt` up to and including `seq`. `0, 0` is the
 * beginning.
 */
export interface Cursor {
  attempt: number;
  seq: number;
}

export const BEGINNING: Cursor = { attempt: 0, seq: 0 };

/** A position in the text of a certain answer. */
export interface MessageCursor extends Cursor {
  message_id: number;
}

/** Text of a running answer beyond `from_seq`; `from_seq: 0` replaces what the reader had. */
export interface LiveText {
  message_id: number;
  status: MessageStatus;
  attempt: number;
  from_seq: number;
  seq: number;
  text: string;
  /** The model's reasoning beyond `from_seq`; absent if there is none. */
  reasoning?: string;
  /** Position in the queue, from 1; only while `queued`. */
  position?: number;
}

/** The reply to `generation:resume`. */
export interface ResumedText extends Omit<LiveText, 'message_id' | 'position'> {}

/** Client event -> its payload and the data of a positive ack. */
export interface ClientEvents {
  /**
   * Extends this socket, by the new token or by the session as it is now.
   * @throws `token_invalid` if the token is of another session, or of another server
   * @throws `token_expired` if the token has expired
   */
  'session:renew': { payload: { token?: string }; data: { expires_at: Timestamp } };
  /** Opens a conversation: reads its newest page, or that of a branch, and gets its events from then on. */
  'conversation:open': {
    payload: {
      conversation_id: number;
      after_message_id?: number;
      cursors?: MessageCursor[];
      limit?: number;
      /** Shows the branch that ends here instead of the active one; for this device only. */
      leaf_message_id?: number;
    };
    data: {
      conversation: Conversation;
      members: Member[];
      presence: number[];
      messages: Message[];
      has_more: boolean;
      live: LiveText[];
    };
  };
  /** Closes a conversation. Its events come no more. */
  'conversation:close': { payload: { conversation_id: number }; data: Record<string, never> };
  /** Creates a conversation. */
  'conversation:create': { payload: ConversationFields; data: { conversation: Conversation } };
  /** Changes a conversation, and one's own marks of it. Omitted fields stay unchanged. */
  'conversation:update': {
    payload: ConversationChanges & { conversation_id: number };
    data: { conversation: Conversation };
  };
  /**
   * Deletes a conversation for all its members, and stops its running answers. For five minutes it can be restored.
   */
  'conversation:delete': { payload: { conversation_id: number }; data: Record<string, never> };
  /** Undoes the deletion of a conversation. */
  'conversation:restore': {
    payload: { conversation_id: number };
    data: { conversation: Conversation };
  };
  /** Lists one's conversations, newest activity first. */
  'conversation:list': {
    payload: ConversationListQuery;
    data: { conversations: Conversation[]; next_cursor: string | null };
  };
  /** Finds messages and titles that have all words, the newest first. */
  'conversation:search': { payload: SearchQuery; data: SearchPage };
  /**
   * Stores a message and asks the model, unless the payload or `reply_mode` says otherwise.
   * @throws `conflict` if the `client_id` was used for another message
   * @throws `quota_exceeded` if the quota is exhausted
   */
  'message:send': { payload: SendBody; data: StoredQuestion };
  /**
   * Stores another text for a message. An edited question is answered again.
   * @throws `conflict` if the message is in no state that can be edited, or the `client_id` was used otherwise
   * @throws `quota_exceeded` if the quota is exhausted
   */
  'message:edit': { payload: EditBody & { message_id: number }; data: StoredQuestion };
  /**
   * Asks for another answer to the same question.
   * @throws `conflict` if the message is no answer, or the `client_id` was used otherwise
   * @throws `quota_exceeded` if the quota is exhausted
   */
  'message:regenerate': {
    payload: RegenerateBody & { message_id: number };
    data: AnswerAgain;
  };
  /**
   * Continues an answer that was stopped, interrupted or cut off at its longest length.
   * @throws `conflict` if the answer cannot be continued, or the `client_id` was used otherwise
   * @throws `quota_exceeded` if the quota is exhausted
   */
  'message:continue': {
    payload: ContinueBody & { message_id: number };
    data: { assistant_message: Message };
  };
  /** Makes the branch through a message the active one, for all members. */
  'message:select': { payload: { message_id: number }; data: SelectedBranch };
  /**
   * Deletes a message and everything below it.
   * @throws `conflict` if too many messages are below it
   */
  'message:delete': { payload: { message_id: number }; data: { message_ids: number[] } };
  /**
   * Marks everything up to a message as read. Only forward: a message before the one that was read last changes
   * nothing.
   */
  'read:set': {
    payload: { conversation_id: number; message_id: number };
    data: Record<string, never>;
  };
  /** Stops an answer, and keeps its text so far. */
  'generation:stop': { payload: { message_id: number }; data: StopResult };
  /** Reads the text of an answer after a cursor. */
  'generation:resume': { payload: MessageCursor; data: ResumedText };
}

/** The name of a client event. */
export type ClientEventName = keyof ClientEvents;
/** The payload of a client event. */
export type ClientPayload<E extends ClientEventName> = ClientEvents[E]['payload'];
/** The data of a positive ack. */
export type AckData<E extends ClientEventName> = ClientEvents[E]['data'];

/**
 * The ack of a payload. It has an answer for sure if the payload asks for one, or begins a conversation: where
 * `reply_mode` is `mention`, `assistant_message` is null without a mention.
 */
export type Acked<E extends ClientEventName, P> = P extends { answer: true } | FirstMessage<E>
  ? Answered<AckData<E>>
  : AckData<E>;

/** A message without a conversation begins one, which always answers unless the payload says otherwise. */
type FirstMessage<E extends ClientEventName> = E extends 'message:send'
  ? { content: string; conversation_id?: undefined; answer?: true }
  : never;

/** The same with an answer. */
export type Answered<T> = T extends { assistant_message: Message | null }
  ? T & { assistant_message: Message }
  : T;

/** The reply to a client event. */
export type Ack<T> = { ok: true; data: T } | { ok: false; error: WireError };

/** All server events with their payloads. */
export type ServerEvents = RoomEvents & MemberEvents & UserEvents & SocketEvents;
/** The name of a room event. */
export type RoomEventName = keyof RoomEvents;

/**
 * One room event, as it travels through the live log. `tree`: the time of a change of messages, in μs by Postgres'
 * clock.
 */
export type RoomEvent = {
  [E in RoomEventName]: { name: E; tree?: number; payload: RoomEvents[E] };
}[RoomEventName];

/** The maps in the form of Socket.IO's generics `Server` and `Socket`. */
export type ClientToServerEvents = {
  [E in ClientEventName]: (
    payload: ClientPayload<E>,
    ack: (reply: Ack<AckData<E>>) => void,
  ) => void;
};
export type ServerToClientEvents = {
  [E in keyof ServerEvents]: (payload: ServerEvents[E]) => void;
};
