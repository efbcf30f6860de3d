import type { Conversation, Message, Timestamp, User } from './rest.js';

/** A device, also one that is signed out but not yet forgotten. */
export interface ExportedSession {
  id: string;
  user_agent: string;
  ip: string;
  created_at: Timestamp;
  last_used_at: Timestamp;
  expires_at: Timestamp;
  revoked_at: Timestamp | null;
}

export interface ExportedUsage {
  /** `YYYY-MM-DD`, UTC. */
  day: string;
  tokens: number;
}

type MessageFields =
  | 'id'
  | 'parent_id'
  | 'role'
  | 'status'
  | 'content'
  | 'model'
  | 'finish_reason'
  | 'usage'
  | 'error'
  | 'created_at'
  | 'completed_at';

export interface ExportedMessage extends Pick<Message, MessageFields> {
  /** A username; of others nothing else is told. */
  author: string | null;
}

export type ExportedConversation = Omit<Conversation, 'my_role' | 'member_count'>;

/** Everything that is kept of a user: `GET /users/me/export`. */
export interface AccountExport {
  exported_at: Timestamp;
  account: User;
  sessions: ExportedSession[];
  usage: ExportedUsage[];
  /** Those that the user owns, each with the messages of all its branches, oldest first. */
  conversations: (ExportedConversation & { messages: ExportedMessage[] })[];
}
