/** ISO 8601, UTC, with milliseconds. */
export type Timestamp = string;

export interface User {
  id: number;
  email: string;
  username: string;
  roles: string[];
  is_active: boolean;
  created_at: Timestamp;
}

/** The part of a user that others see. */
export interface UserSummary {
  id: number;
  username: string;
}

export interface Session {
  id: string;
  device: string;
  user_agent: string;
  ip: string;
  created_at: Timestamp;
  last_used_at: Timestamp;
  expires_at: Timestamp;
  current: boolean;
}

export type MemberRole = 'owner' | 'editor' | 'viewer';

export interface Member extends UserSummary {
  role: MemberRole;
}

export interface Conversation {
  id: number;
  title: string;
  model: string | null;
  system_prompt: string | null;
  temperature: number | null;
  max_tokens: number | null;
  my_role: MemberRole;
  member_count: number;
  active_message_id: number | null;
  created_at: Timestamp;
  updated_at: Timestamp;
  last_message_at: Timestamp | null;
}

export type MessageRole = 'user' | 'assistant' | 'system';
export type LiveStatus = 'queued' | 'streaming';
export type FinalStatus = 'completed' | 'stopped' | 'interrupted' | 'failed';
export type MessageStatus = LiveStatus | FinalStatus;

/** Tokens. `estimated`: the model server sent no figures and the node counted. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  estimated: boolean;
}

/** Why an answer is `failed` or `interrupted`. */
export interface MessageError {
  code: string;
  message: string;
}

export interface Message {
  id: number;
  conversation_id: number;
  parent_id: number | null;
  role: MessageRole;
  author: UserSummary | null;
  status: MessageStatus;
  /** Empty while `queued` or `streaming`: the text is then in the live log. */
  content: string;
  model: string | null;
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

export interface RegisterBody {
  email: string;
  username: string;
  password: string;
}

export interface LoginBody {
  email: string;
  password: string;
}

export interface RefreshBody {
  refresh_token?: string;
}

/** For browsers the two tokens travel as cookies and are absent here. `expires_in` in seconds. */
export interface TokenResponse {
  access_token?: string;
  refresh_token?: string;
  token_type: 'bearer';
  expires_in: number;
  user: User;
}

export interface UpdateUserBody {
  email?: string;
  username?: string;
}

export interface PasswordBody {
  current_password: string;
  new_password: string;
}

export interface ChatBody {
  message: string;
  conversation_id?: number;
  client_id?: string;
  model?: string;
}

export interface ChatResponse {
  conversation_id: number;
  message: string;
  response: string;
  message_id: number;
  status: FinalStatus;
}

export interface ConversationFields {
  title?: string;
  model?: string | null;
  system_prompt?: string | null;
  temperature?: number | null;
  max_tokens?: number | null;
}

export interface ConversationListQuery {
  limit?: number;
  cursor?: string;
  q?: string;
}

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

export interface EditBody {
  client_id: string;
  content: string;
  model?: string;
  /** False: the text is stored without an answer. Default: true. */
  answer?: boolean;
}

export interface RegenerateBody {
  client_id: string;
  model?: string;
}

export interface AnswerAgain {
  conversation: Conversation;
  assistant_message: Message;
}

export interface ContinueBody {
  client_id: string;
}

/** The newest page of the branch that is now active. */
export interface SelectedBranch {
  conversation: Conversation;
  messages: Message[];
  has_more: boolean;
}

export interface ModelInfo {
  id: string;
  default: boolean;
}

export interface Acknowledgement {
  message: string;
}

export interface ServiceInfo {
  name: string;
  version: string;
  status: 'running';
}

export type CheckResult = 'ok' | 'degraded' | 'failed';

export interface Readiness {
  status: 'ready' | 'degraded' | 'unready';
  checks: Record<string, CheckResult>;
  /** For operators: why this node does not serve alongside the others on its database. */
  reason?: string;
}
