import type { User } from './accounts.js';
import type { ApiKey } from './keys.js';
import type { Conversation, Message } from './rest.js';
import type { Timestamp } from './timestamp.js';
import type { ModelUsage } from './usage.js';
import type { Webhook } from './webhooks.js';

/** A device, including one that is logged out but not yet deleted. */
export interface ExportedSession {
  id: string;
  user_agent: string;
  ip: string;
  created_at: Timestamp;
  last_used_at: Timestamp;
  expires_at: Timestamp;
  revoked_at: Timestamp | null;
}

/** A key of the account, including one that is revoked but not yet deleted. */
export interface ExportedKey extends ApiKey {
  revoked_at: Timestamp | null;
}

/** Tokens used on one day. */
export interface ExportedUsage {
  /** `YYYY-MM-DD`, UTC. */
  day: string;
  tokens: number;
  /** The same by model. */
  models: ModelUsage[];
}

type MessageFields =
  | 'id'
  | 'parent_id'
  | 'role'
  | 'status'
  | 'content'
  | 'reasoning'
  | 'model'
  | 'finish_reason'
  | 'usage'
  | 'error'
  | 'created_at'
  | 'completed_at';

/** A message, with its author by name. */
export interface ExportedMessage extends Pick<Message, MessageFields> {
  /** A username. The export has nothing else about other users. */
  author: string | null;
}

type ExportedFields =
  | 'id'
  | 'title'
  | 'model'
  | 'system_prompt'
  | 'temperature'
  | 'max_tokens'
  | 'pinned'
  | 'archived'
  | 'read_message_id'
  | 'active_message_id'
  | 'created_at'
  | 'updated_at'
  | 'last_message_at';

/** A conversation with the marks of the exporting user, without other data of members. */
export type ExportedConversation = Pick<Conversation, ExportedFields>;

/** All data stored about a user: `GET /users/me/export`. */
export interface AccountExport {
  exported_at: Timestamp;
  account: User;
  sessions: ExportedSession[];
  keys: ExportedKey[];
  /** Their secrets are left out. */
  webhooks: Webhook[];
  usage: ExportedUsage[];
  /** The user's own conversations, each with the messages of all its branches, oldest first. */
  conversations: (ExportedConversation & { messages: ExportedMessage[] })[];
}

/** `markdown`: the active branch, to read. `json`: all branches; it can be imported. */
export type ExportFormat = 'markdown' | 'json';

/** One conversation: `GET /agent/conversations/:id/export?format=json`. */
export interface ConversationExport extends ExportedConversation {
  exported_at: Timestamp;
  /** Username of the member who exported it. */
  exported_by: string;
  messages: ExportedMessage[];
}
