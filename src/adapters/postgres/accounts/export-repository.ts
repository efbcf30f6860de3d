import { LIMITS } from '../../../contract/limits.js';
import type { ExportRepository } from '../../../ports/repositories/export-repository.js';
import { USAGE as COUNTS, measured, messageTables, SHOWN_CONTENT } from '../sql/message-row.js';
import type { Sql } from '../sql/sql.js';
import { times } from '../sql/time-columns.js';

const SESSIONS = `
  SELECT id, user_agent, ip, ${times('created_at', 'last_used_at', 'expires_at', 'revoked_at')}
  FROM sessions s WHERE user_id = $1 ORDER BY s.created_at, id`;

const KEYS = `
  SELECT id, name, prefix, scopes, ${times('created_at', 'expires_at', 'last_used_at', 'revoked_at')}
  FROM api_keys k WHERE user_id = $1 ORDER BY k.created_at, id`;

const USAGE = `
  SELECT to_char(day, 'YYYY-MM-DD') AS day, tokens, coalesce((
    SELECT json_agg(json_build_object('model', model, 'tokens', m.tokens,
      'cost', CASE WHEN currency <> '' THEN cost END) ORDER BY model, currency)
    FROM usage_models m WHERE m.user_id = u.user_id AND m.day = u.day), '[]') AS models
  FROM usage_days u WHERE user_id = $1 ORDER BY u.day`;

const OF_MEMBER = `
  SELECT c.id, c.title, c.model, c.system_prompt, c.temperature, c.max_tokens, c.active_message_id,
    cm.pinned, cm.archived, cm.read_message_id,
    ${times('c.created_at', 'c.updated_at', 'c.last_message_at')}
  FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id WHERE cm.user_id = $1`;

const CONVERSATIONS = `${OF_MEMBER} AND cm.role = 'owner' AND c.id > $2 ORDER BY c.id LIMIT $3`;
const CONVERSATION = `${OF_MEMBER} AND c.id = $2`;

/** A message is older than those below it, so ids ascend along a branch. */
const BRANCH = `
  WITH RECURSIVE branch AS (
    SELECT m.id, m.parent_id FROM messages m
      WHERE m.conversation_id = $1 AND m.id = $2 AND m.deleted_at IS NULL
    UNION ALL
    SELECT p.id, p.parent_id FROM branch b JOIN messages p ON p.id = b.parent_id
  )
  SELECT id FROM branch ORDER BY id`;

/** A page of messages: fewer if their texts are long, but at least one. */
const messages = (where: string) => `
  SELECT m.id, m.parent_id, m.role, a.username AS author, m.status, ${SHOWN_CONTENT} AS content,
    CASE WHEN m.status NOT IN ('queued', 'streaming') THEN m.reasoning END AS reasoning, m.model, m.finish_reason, ${COUNTS} AS usage,
    m.error, ${times('m.created_at', 'm.completed_at')}
  FROM ${messageTables(measured('m.id', `m.conversation_id = $1 AND m.id > $2 AND ${where}`))}
  WHERE m.bytes_before < $4 ORDER BY m.id`;

const MESSAGES = messages('true ORDER BY m.id LIMIT $3');
const SOME = messages('m.id = ANY($3::bigint[])');

export const createExportRepository = (sql: Sql): ExportRepository => ({
  sessions: (userId) => sql.rows(SESSIONS, [userId]),
  keys: (userId) => sql.rows(KEYS, [userId]),
  usage: (userId) => sql.rows(USAGE, [userId]),
  conversations: (userId, afterId, limit) => sql.rows(CONVERSATIONS, [userId, afterId, limit]),
  conversation: (userId, id) => sql.one(CONVERSATION, [userId, id]),
  branch: async (conversationId, leafId) =>
    (await sql.rows<{ id: number }>(BRANCH, [conversationId, leafId])).map(({ id }) => id),
  some: (conversationId, afterId, ids) =>
    sql.rows(SOME, [conversationId, afterId, ids, LIMITS.pageBytes]),
  messages: (conversationId, afterId, limit) =>
    sql.rows(MESSAGES, [conversationId, afterId, limit, LIMITS.pageBytes]),
});
