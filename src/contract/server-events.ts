import type { ErrorCode } from './errors.js';
import type { ImportReport } from './imports.js';
import type {
  Conversation,
  ConversationAnswer,
  FinalStatus,
  LiveStatus,
  Message,
  MessageError,
  PromptContext,
  Usage,
} from './rest.js';
import type { Timestamp } from './timestamp.js';

/** Events for everybody who has a conversation open, in one order per conversation. */
export interface RoomEvents {
  /** A message was stored. It comes before any delta of it. */
  'message:created': { message: Message };
  /** A piece of an answer's text. Append it if its `seq` is the next one of the attempt. */
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
  /** An answer waits or begins. `position` is its number in line, from 1, while it is `queued`. */
  'message:status': {
    conversation_id: number;
    message_id: number;
    status: LiveStatus;
    attempt: number;
    position?: number;
  };
  /** The end of an answer, after its last delta. */
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
  /** A message has changed. */
  'message:updated': { message: Message };
  /** These messages are gone. */
  'message:deleted': { conversation_id: number; message_ids: number[] };
  /** All users who have the conversation open now. */
  'presence:changed': { conversation_id: number; user_ids: number[] };
  /** A member has read everything up to this message. */
  'read:changed': { conversation_id: number; user_id: number; message_id: number };
  /** Reserved: not sent yet. */
  'typing:changed': { conversation_id: number; user_ids: number[] };
}

/** Events for every device of a conversation's members, open or not. */
export interface MemberEvents {
  /** A conversation was created or restored. */
  'conversation:created': { conversation: Conversation };
  /** A conversation has changed, or moved up in the list. */
  'conversation:updated': { conversation: Conversation };
  /** A conversation was deleted. */
  'conversation:deleted': { conversation_id: number };
  /** `answer` of the conversation is now this one. */
  'answer:changed': { conversation_id: number; answer: ConversationAnswer | null };
}

/** Events for every device of one user. */
export interface UserEvents {
  /** How far an import of the user's is. The last report has its final state. */
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
  /** The first event of a connection: the node, and the sizes that a client must respect. */
  'server:hello': {
    protocol: number;
    version: string;
    node_id: string;
    /** The build of the chat page that the node serves; null if it has none. Other pages offer to load it. */
    page: string | null;
    limits: ServerLimits;
    ping: { interval_ms: number; timeout_ms: number };
  };
  /** The node goes. It closes each socket at a random moment within this time: reconnect. */
  'server:draining': { reconnect_within_ms: number };
  /** Events may have been lost: open these conversations again; without ids, everything that is open. */
  'server:resync': { conversation_ids?: number[] };
  /** The access token expires soon: refresh the session. */
  'session:expiring': { expires_at: Timestamp };
  /** The session, key or account has ended. The socket is closed. */
  'session:ended': { code: ErrorCode };
}
