import { LIMITS } from '../../../contract/limits.js';
import type { ExportRepository } from '../../../ports/export-repository.js';
import type { Sql } from '../sql/sql.js';
import { times } from '../sql/time-columns.js';
import { USAGE as COUNTS, measured, messageTables, SHOWN_CONTENT } from './message-row.js';

const SESSIONS = `
  SELECT id, user_agent, ip, ${times('created_at', 'last_used_at', 'expires_at', 'revoked_at')}
  FROM sessions s WHERE user_id = $1 ORDER BY s.created_at, id`;

const USAGE = `
  SELECT to_char(day, 'YYYY-MM-DD') AS day, tokens FROM usage_days u WHERE user_id = $1 ORDER BY u.day`;

const CONVERSATIONS = `
  SELECT c.id, c.title, c.model, c.system_prompt, c.temperature, c.max_tokens, c.active_message_id,
    ${times('c.created_at', 'c.updated_at', 'c.last_message_at')}
  FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
  WHERE cm.user_id = $1 AND cm.role = 'owner' AND c.id > $2 ORDER BY c.id LIMIT $3`;

/** Fewer if their texts are long, but at least one. */
const NEXT = measured('m.id', 'm.conversation_id = $1 AND m.id > $2 ORDER BY m.id LIMIT $3');
const MESSAGES = `
  SELECT m.id, m.parent_id, m.role, a.username AS author, m.status, ${SHOWN_CONTENT} AS content,
    CASE WHEN m.status NOT IN ('queued', 'streaming') THEN m.reasoning END AS reasoning, m.model, m.finish_reason, ${COUNTS} AS usage,
    m.error, ${times('m.created_at', 'm.completed_at')}
  FROM ${messageTables(NEXT)} WHERE m.bytes_before < $4 ORDER BY m.id`;

export const createExportRepository = (sql: Sql): ExportRepository => ({
  sessions: (userId) => sql.rows(SESSIONS, [userId]),
  usage: (userId) => sql.rows(USAGE, [userId]),
  conversations: (userId, afterId, limit) => sql.rows(CONVERSATIONS, [userId, afterId, limit]),
  messages: (conversationId, afterId, limit) =>
    sql.rows(MESSAGES, [conversationId, afterId, limit, LIMITS.pageBytes]),
});
