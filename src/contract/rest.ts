import type { UserSummary } from './accounts.js';
import type { Amount } from './amount.js';
import type { Timestamp } from './timestamp.js';

/** Rights in a conversation: `viewer` reads, `editor` also writes, `owner` also deletes. */
export type MemberRole = 'owner' | 'editor' | 'viewer';

/** A member of a conversation. */
export interface Member extends UserSummary {
  role: MemberRole;
}

/** When a message asks the model: `mention` only if it has `@ai`, or is sent with `answer: true`. */
export type ReplyMode = 'always' | 'mention';

/** What the list shows of a conversation's answers. */
export interface ConversationAnswer {
  message_id: number;
  attempt: number;
  status: MessageStatus;
}

/** A conversation, as a member sees it. Null settings mean the server's defaults. */
export interface Conversation {
  id: number;
  title: string;
  model: string | null;
  system_prompt: string | null;
  temperature: Amount | null;
  max_tokens: number | null;
  my_role: MemberRole;
  member_count: number;
  /** Usernames of the other members, the oldest members first: at most `LIMITS.memberNames`. */
  member_names: string[];
  /** The reader's own, like `archived`; other members have theirs. */
  pinned: boolean;
  archived: boolean;
  /** Messages of others and answers that the reader has not read, at most `LIMITS.unreadCount`. */
  unread_count: number;
  /** The reader has read everything up to this id. */
  read_message_id: number | null;
  reply_mode: ReplyMode;
  provider: string | null;
  active_message_id: number | null;
  /** The answer that runs, else the first that waits, else the end of the active branch if that is an answer. */
  answer: ConversationAnswer | null;
  created_at: Timestamp;
  updated_at: Timestamp;
  last_message_at: Timestamp | null;
}

/** The side that wrote a message. */
export type MessageRole = 'user' | 'assistant' | 'system';
/** The status of an unfinished answer. */
export type LiveStatus = 'queued' | 'streaming';
/** The status of an ended answer. */
export type FinalStatus = 'completed' | 'stopped' | 'interrupted' | 'failed';
/** The status of a message. User messages are always `completed`. */
export type MessageStatus = LiveStatus | FinalStatus;

/** Tokens. `estimated`: the model server sent no figures and the node counted. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  /** Tokens of the prompt that the model server had in its cache. */
  cached_tokens: number;
  /** Tokens of the completion that were reasoning. */
  reasoning_tokens: number;
  estimated: boolean;
  /** Cost in the currency of the model's price; null without a price. */
  cost: Amount | null;
}

/** How many messages of the branch above an answer the model got, and how many older ones were left out. */
export interface PromptContext {
  included: number;
  omitted: number;
}

/** Why an answer is `failed` or `interrupted`. */
export interface MessageError {
  code: string;
  message: string;
}

/** A message of a conversation's tree. */
export interface Message {
  id: number;
  conversation_id: number;
  parent_id: number | null;
  role: MessageRole;
  author: UserSummary | null;
  status: MessageStatus;
  /** Empty while `queued` or `streaming`: the text is then in the live log. */
  content: string;
  /** Receipt: the lower-case hex digest of `content` in UTF-8; null while `queued` or `streaming`. */
  sha256: string | null;
  /** The model's reasoning; null if there was none, and while `queued` or `streaming`. */
  reasoning: string | null;
  /** How long the model reasoned; null if that is unknown. */
  reasoning_ms: number | null;
  /** The model that answers. */
  model: string | null;
  /** Null if nothing was left out of the prompt. */
  context: PromptContext | null;
  attempt: number;
  seq: number;
  client_id: string | null;
  finish_reason: string | null;
  usage: Usage | null;
  error: MessageError | null;
  created_at: Timestamp;
  completed_at: Timestamp | null;
  /** All children of the same parent, this one included, oldest first. */
  sibling_ids: number[];
}

/** Body of `POST /agent/chat`. Without a conversation it creates one. */
export interface ChatBody {
  message: string;
  conversation_id?: number;
  client_id?: string;
  model?: string;
}

/** Response of `POST /agent/chat`, after the answer has ended. `response` is its text. */
export interface ChatResponse {
  conversation_id: number;
  message: string;
  response: string;
  message_id: number;
  status: FinalStatus;
}

/** Settable fields of a conversation. Null settings mean the server's defaults. */
export interface ConversationFields {
  title?: string;
  model?: string | null;
  system_prompt?: string | null;
  temperature?: Amount | null;
  max_tokens?: number | null;
}

/** The marks that a member sets for themselves. */
export interface ConversationMarks {
  pinned?: boolean | undefined;
  archived?: boolean | undefined;
}

/** Changes that all members see. */
export interface SharedChanges extends ConversationFields {
  reply_mode?: ReplyMode;
}

/** Changes of a conversation and of the member's own marks. */
export interface ConversationChanges extends SharedChanges, ConversationMarks {}

/** `active`: all that are not archived. `pinned`: the pinned ones of these. */
export type ConversationFilter = 'active' | 'archived' | 'pinned';

/** A page of conversations, newest activity first. `q` searches titles and contents. */
export interface ConversationListQuery {
  filter?: ConversationFilter;
  limit?: number;
  cursor?: string;
  q?: string;
}

/** A page of a branch: the last one, or the one that ends before message `before`. */
export interface MessagePageQuery {
  before?: number;
  limit?: number;
  /** Reads the branch that ends here instead of the active one. */
  leaf_message_id?: number;
}

/** A question as it was stored. The answer is null if none was requested. */
export interface StoredQuestion {
  conversation: Conversation;
  user_message: Message;
  assistant_message: Message | null;
}

/** A message, and whether the model is asked. Without a conversation it creates one. */
export interface SendBody {
  conversation_id?: number;
  client_id: string;
  content: string;
  parent_id?: number;
  model?: string;
  /** Whether the model answers. By default the `reply_mode` of the conversation decides. */
  answer?: boolean;
  /** Stops the running answer of the conversation, and asks next. */
  interrupt?: boolean;
}

/** The status of an answer after a stop. */
export interface StopResult {
  status: MessageStatus;
}

/** Another text for a message. */
export interface EditBody {
  client_id: string;
  content: string;
  model?: string;
  /** Whether the model answers. By default the `reply_mode` of the conversation decides. */
  answer?: boolean;
  /** Stops the running answer of the conversation, and asks next. */
  interrupt?: boolean;
}

/** Another answer to the same question, perhaps of another model. */
export interface RegenerateBody {
  client_id: string;
  model?: string;
}

/** The new or continued answer, and its conversation. */
export interface AnswerAgain {
  conversation: Conversation;
  assistant_message: Message;
}

/** The continuation of an answer. */
export interface ContinueBody {
  client_id: string;
}

/** The newest page of the branch that is now active. */
export interface SelectedBranch {
  conversation: Conversation;
  messages: Message[];
  has_more: boolean;
}

/** Prices of a million tokens. */
export interface Price {
  input: Amount;
  output: Amount;
  currency: string;
}

/** A model that users may choose. */
export interface ModelInfo {
  /** The name that calls use. */
  id: string;
  /** The name for people. */
  name: string;
  provider: string;
  default: boolean;
  /** Tokens of a prompt and its answer; null if unknown. */
  context_window: number | null;
  /** Tokens of an answer; null if unknown. */
  max_output: number | null;
  /** It reads images. */
  vision: boolean;
  /** It may reason before it answers. */
  reasoning: boolean;
  price: Price | null;
}

/** A response without data. `message` is for people. */
export interface Acknowledgement {
  message: string;
}

/** Response of `GET /` for other clients than browsers. */
export interface ServiceInfo {
  name: string;
  version: string;
  status: 'running';
}

/** The result of one readiness check. */
export type CheckResult = 'ok' | 'degraded' | 'failed';

/** Response of `GET /health/ready`. */
export interface Readiness {
  status: 'ready' | 'degraded' | 'unready';
  checks: Record<string, CheckResult>;
  /** Tells operators why this node does not serve alongside the others on its database. */
  reason?: string;
}
