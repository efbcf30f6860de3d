import type {
  Message,
  MessageError,
  MessageRole,
  MessageStatus,
  Usage,
} from '../../contract/rest.js';

export interface MessageRow {
  id: number;
  conversation_id: number;
  parent_id: number | null;
  role: MessageRole;
  author_id: number | null;
  author_name: string | null;
  status: MessageStatus;
  content: string;
  model: string | null;
  attempt: number;
  seq: number;
  client_id: string | null;
  finish_reason: string | null;
  usage: Usage | null;
  error: MessageError | null;
  created_at: Date;
  completed_at: Date | null;
  sibling_ids: number[];
}

/** Columns of a `MessageRow`, for `messages m LEFT JOIN users a ON a.id = m.author_id`. */
export const MESSAGE_COLUMNS = `
  m.id, m.conversation_id, m.parent_id, m.role, m.author_id, a.username AS author_name, m.status, m.content,
  m.model, m.attempt, m.seq, m.client_id, m.finish_reason, m.usage, m.error, m.created_at, m.completed_at,
  (SELECT jsonb_agg(s.id ORDER BY s.id) FROM messages s
    WHERE s.conversation_id = m.conversation_id AND coalesce(s.parent_id, 0) = coalesce(m.parent_id, 0)) AS sibling_ids`;

export const MESSAGE_TABLES = 'messages m LEFT JOIN users a ON a.id = m.author_id';

export function toMessage(row: MessageRow): Message {
  const { author_id, author_name, created_at, completed_at, ...same } = row;
  return {
    ...same,
    author: author_id === null ? null : { id: author_id, username: author_name ?? '' },
    created_at: created_at.toISOString(),
    completed_at: completed_at?.toISOString() ?? null,
    sibling_ids: row.sibling_ids ?? [row.id],
  };
}
