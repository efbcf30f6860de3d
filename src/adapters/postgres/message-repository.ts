import type { Message } from '../../contract/rest.js';
import type { ModelSettings, PromptMessage } from '../../domain/entities.js';
import type { MessageRepository } from '../../ports/repositories.js';
import { MESSAGE_COLUMNS, MESSAGE_TABLES, type MessageRow, toMessage } from './message-row.js';
import type { Sql } from './sql.js';
import { createTurn } from './turn-statement.js';

const SELECT = `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES}`;

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

/** json keeps the order of its rows. Failed answers are empty: they would only confuse the model. */
const PROMPT = `
  WITH RECURSIVE answer AS (
    SELECT m.conversation_id, m.parent_id FROM messages m WHERE m.id = $1
  ), branch AS (
    SELECT m.id, m.parent_id, 1 AS depth FROM messages m JOIN answer ON m.id = answer.parent_id
    UNION ALL
    SELECT p.id, p.parent_id, b.depth + 1 FROM branch b JOIN messages p ON p.id = b.parent_id WHERE b.depth < $2
  )
  SELECT c.model, c.system_prompt AS "systemPrompt", c.temperature, c.max_tokens AS "maxTokens", coalesce(
    (SELECT json_agg(json_build_object('role', m.role, 'content', m.content) ORDER BY b.depth DESC)
      FROM branch b JOIN messages m ON m.id = b.id WHERE m.content <> ''), '[]') AS history
  FROM answer JOIN conversations c ON c.id = answer.conversation_id`;

export function createMessageRepository(sql: Sql): MessageRepository {
  const one = async (statement: string, bind: unknown[]): Promise<Message | null> => {
    const row = await sql.one<MessageRow>(statement, bind);
    return row && toMessage(row);
  };

  return {
    createTurn: (turn) => createTurn(sql, turn),

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

    async prompt(answerId, limit) {
      const row = await sql.one<ModelSettings & { history: PromptMessage[] }>(PROMPT, [
        answerId,
        limit,
      ]);
      if (!row) return null;
      const { history, ...settings } = row;
      return { settings, history };
    },
  };
}
