import type { Message } from '../../contract/rest.js';
import type { PromptMessage } from '../../domain/entities.js';
import type { MessageRepository } from '../../ports/repositories.js';
import { MESSAGE_COLUMNS, MESSAGE_TABLES, type MessageRow, toMessage } from './message-row.js';
import type { Sql } from './sql.js';

const SELECT = `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES}`;

const STORED = `SELECT ${MESSAGE_COLUMNS} FROM stored m LEFT JOIN users a ON a.id = m.author_id`;

const USER_MESSAGE = `
  WITH stored AS (
    INSERT INTO messages (conversation_id, parent_id, role, author_id, content, client_id, model, completed_at)
    VALUES ($1, $2, 'user', $3, $4, $5, $6, now()) RETURNING *
  ) ${STORED}`;

const ASSISTANT_MESSAGE = `
  WITH stored AS (
    INSERT INTO messages (conversation_id, parent_id, role, status, model)
    VALUES ($1, $2, 'assistant', 'queued', $3) RETURNING *
  ) ${STORED}`;

const FIND = `${SELECT}
  WHERE m.id = $1
    AND EXISTS (SELECT 1 FROM conversation_members cm WHERE cm.conversation_id = m.conversation_id AND cm.user_id = $2)`;

const BRANCH = `
  WITH RECURSIVE branch AS (
    SELECT m.id, m.parent_id, 1 AS depth FROM messages m
      WHERE m.conversation_id = $1 AND m.id = $2 AND m.id <> $4
    UNION ALL
    SELECT p.id, p.parent_id, b.depth + 1 FROM branch b JOIN messages p ON p.id = b.parent_id
      WHERE b.depth < $3 AND p.id <> $4
  )
  SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES} JOIN branch b ON b.id = m.id
  ORDER BY b.depth DESC`;

const HISTORY = `
  WITH RECURSIVE branch AS (
    SELECT m.id, m.parent_id, 1 AS depth FROM messages m WHERE m.id = $1
    UNION ALL
    SELECT p.id, p.parent_id, b.depth + 1 FROM branch b JOIN messages p ON p.id = b.parent_id WHERE b.depth < $2
  )
  SELECT m.role, m.content FROM branch b JOIN messages m ON m.id = b.id
  WHERE m.content <> '' ORDER BY b.depth DESC`;

export function createMessageRepository(sql: Sql): MessageRepository {
  const one = async (statement: string, bind: unknown[]): Promise<Message | null> => {
    const row = await sql.one<MessageRow>(statement, bind);
    return row && toMessage(row);
  };

  const stored = async (statement: string, bind: unknown[]): Promise<Message> => {
    const row = await sql.one<MessageRow>(statement, bind);
    if (!row) throw new Error('an insert returned no row');
    // The statement's snapshot is older than its own insert: the new row is not among its siblings yet.
    return toMessage({ ...row, sibling_ids: [...(row.sibling_ids ?? []), row.id] });
  };

  return {
    createUserMessage: (m) =>
      stored(USER_MESSAGE, [
        m.conversationId,
        m.parentId,
        m.authorId,
        m.content,
        m.clientId,
        m.model,
      ]),

    createAssistantMessage: (m) =>
      stored(ASSISTANT_MESSAGE, [m.conversationId, m.parentId, m.model]),

    findByClientId: (authorId, clientId) =>
      one(`${SELECT} WHERE m.author_id = $1 AND m.client_id = $2`, [authorId, clientId]),

    firstAnswer: (messageId) =>
      one(
        `${SELECT} JOIN messages parent ON parent.id = $1
         WHERE m.conversation_id = parent.conversation_id AND coalesce(m.parent_id, 0) = $1 AND m.role = 'assistant'
         ORDER BY m.id LIMIT 1`,
        [messageId],
      ),

    find: (id, memberId) => one(FIND, [id, memberId]),

    get: (id) => one(`${SELECT} WHERE m.id = $1`, [id]),

    async findMany(conversationId, ids) {
      if (ids.length === 0) return [];
      const rows = await sql.rows<MessageRow>(
        `${SELECT} WHERE m.conversation_id = $1 AND m.id = ANY($2::bigint[]) ORDER BY m.id`,
        [conversationId, ids],
      );
      return rows.map(toMessage);
    },

    async branch(conversationId, leafId, { limit, afterId = 0 }) {
      const rows = await sql.rows<MessageRow>(BRANCH, [conversationId, leafId, limit + 1, afterId]);
      const hasMore = rows.length > limit;
      return { messages: rows.slice(hasMore ? 1 : 0).map(toMessage), hasMore };
    },

    history: (leafId, limit) => sql.rows<PromptMessage>(HISTORY, [leafId, limit]),
  };
}
