import type { ErrorCode, WireError } from './errors.js';
import type { ImportReport } from './imports.js';
import type {
  AnswerAgain,
  ContinueBody,
  Conversation,
  ConversationAnswer,
  ConversationChanges,
  ConversationFields,
  ConversationListQuery,
  EditBody,
  FinalStatus,
  LiveStatus,
  Member,
  Message,
  MessageError,
  MessageStatus,
  PromptContext,
  RegenerateBody,
  SelectedBranch,
  SendBody,
  StopResult,
  StoredQuestion,
  Usage,
} from './rest.js';
import type { SearchPage, SearchQuery } from './search.js';
import type { Timestamp } from './timestamp.js';

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
  /** What the model reasoned beyond `from_seq`; absent if nothing. */
  reasoning?: string;
  /** Place in the queue, from 1; only while `queued`. */
  position?: number;
}

/** The reply to `generation:resume`. */
export interface ResumedText extends Omit<LiveText, 'message_id' | 'position'> {}

/** Client event -> its payload and the data of a positive ack. */
export interface ClientEvents {
  'session:renew': { payload: { token?: string }; data: { expires_at: Timestamp } };
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
  'conversation:close': { payload: { conversation_id: number }; data: Record<string, never> };
  'conversation:create': { payload: ConversationFields; data: { conversation: Conversation } };
  'conversation:update': {
    payload: ConversationChanges & { conversation_id: number };
    data: { conversation: Conversation };
  };
  'conversation:delete': { payload: { conversation_id: number }; data: Record<string, never> };
  'conversation:restore': {
    payload: { conversation_id: number };
    data: { conversation: Conversation };
  };
  'conversation:list': {
    payload: ConversationListQuery;
    data: { conversations: Conversation[]; next_cursor: string | null };
  };
  'conversation:search': { payload: SearchQuery; data: SearchPage };
  'message:send': { payload: SendBody; data: StoredQuestion };
  'message:edit': { payload: EditBody & { message_id: number }; data: StoredQuestion };
  'message:regenerate': {
    payload: RegenerateBody & { message_id: number };
    data: AnswerAgain;
  };
  'message:continue': {
    payload: ContinueBody & { message_id: number };
    data: { assistant_message: Message };
  };
  'message:select': { payload: { message_id: number }; data: SelectedBranch };
  'message:delete': { payload: { message_id: number }; data: { message_ids: number[] } };
  /** Only forward: a message before the one that was read last changes nothing. */
  'read:set': {
    payload: { conversation_id: number; message_id: number };
    data: Record<string, never>;
  };
  'generation:stop': { payload: { message_id: number }; data: StopResult };
  'generation:resume': { payload: MessageCursor; data: ResumedText };
}

/** The name of a client event. */
export type ClientEventName = keyof ClientEvents;
/** The payload of a client event. */
export type ClientPayload<E extends ClientEventName> = ClientEvents[E]['payload'];
/** The data of a positive ack. */
export type AckData<E extends ClientEventName> = ClientEvents[E]['data'];

/**
 * The ack of a payload: it has an answer, unless the payload says otherwise. Where `reply_mode` is `mention`,
 * `assistant_message` is null without a mention, unless `answer` is true.
 */
export type Acked<E extends ClientEventName, P> = P extends { answer: false }
  ? AckData<E>
  : Answered<AckData<E>>;

/** The same with an answer. */
export type Answered<T> = T extends { assistant_message: Message | null }
  ? T & { assistant_message: Message }
  : T;

/** The reply to a client event. */
export type Ack<T> = { ok: true; data: T } | { ok: false; error: WireError };

/** Events for everybody who has a conversation open, in one order per conversation. */
export interface RoomEvents {
  'message:created': { message: Message };
  'message:delta': {
    conversation_id: number;
    message_id: number;
    attempt: number;
    seq: number;
    /** Empty, if the delta has only reasoning. */
    text: string;
    /** Absent, if it has only text. */
    reasoning?: string;
  };
  'message:status': {
    conversation_id: number;
    message_id: number;
    status: LiveStatus;
    attempt: number;
    position?: number;
  };
  'message:completed': {
    conversation_id: number;
    message_id: number;
    attempt: number;
    /** The `seq` of the last delta. */
    seq: number;
    /** UTF-8 length of the whole text. */
    bytes: number;
    /** Its receipt: the lower-case hex digest of the UTF-8 text. */
    sha256: string;
    /** Present if the model has reasoned. */
    reasoning_ms?: number;
    /** Present if another model than the one that was asked has answered. */
    model?: string;
    /** Present if older messages were left out of the prompt. */
    context?: PromptContext;
    status: FinalStatus;
    finish_reason: string | null;
    usage: Usage | null;
    error: MessageError | null;
  };
  'message:updated': { message: Message };
  'message:deleted': { conversation_id: number; message_ids: number[] };
  'presence:changed': { conversation_id: number; user_ids: number[] };
  /** A member has read everything up to this message. */
  'read:changed': { conversation_id: number; user_id: number; message_id: number };
  'typing:changed': { conversation_id: number; user_ids: number[] };
}

/** Events for every device of a conversation's members, open or not. */
export interface MemberEvents {
  'conversation:created': { conversation: Conversation };
  'conversation:updated': { conversation: Conversation };
  'conversation:deleted': { conversation_id: number };
  /** `answer` of the conversation is now this one. */
  'answer:changed': { conversation_id: number; answer: ConversationAnswer | null };
}

/** Events for every device of one user. */
export interface UserEvents {
  /** Of an import of the user's; the last one has its final state. */
  'import:progress': ImportReport;
}

/** Sizes that a client must respect, as `server:hello` reports them. */
export interface ServerLimits {
  message_chars: number;
  payload_bytes: number;
  open_conversations: number;
}

/** Events for a single socket, for all sockets of a session, or for all sockets of a node. */
export interface SocketEvents {
  'server:hello': {
    protocol: number;
    version: string;
    node_id: string;
    limits: ServerLimits;
    ping: { interval_ms: number; timeout_ms: number };
  };
  'server:draining': { reconnect_within_ms: number };
  'server:resync': { conversation_ids?: number[] };
  'session:expiring': { expires_at: Timestamp };
  'session:ended': { code: ErrorCode };
}

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
