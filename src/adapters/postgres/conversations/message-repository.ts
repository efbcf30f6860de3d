import { LIMITS } from '../../../contract/limits.js';
import type { Message } from '../../../contract/rest.js';
import type { ModelSettings } from '../../../entities/entities.js';
import type {
  Kept,
  MessageRepository,
  PromptSource,
} from '../../../ports/repositories/message-repository.js';
import { bytesOf, jsonPage, MESSAGE_COLUMNS, MESSAGE_TABLES } from '../sql/message-row.js';
import type { Sql } from '../sql/sql.js';
import { branchFrom } from './branch-walk.js';
import { pageOf } from './newest-messages.js';
import { createTurn } from './turn-statement.js';

const SELECT = `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES}`;

const FIND = `${SELECT}
  WHERE m.id = $1 AND m.deleted_at IS NULL
    AND EXISTS (SELECT 1 FROM conversation_members cm WHERE cm.conversation_id = m.conversation_id AND cm.user_id = $2)`;

const KEPT = `
  SELECT content AS text, coalesce(reasoning, '') AS reasoning, reasoning_ms AS ms FROM messages WHERE id = $1 AND status IN ('queued', 'streaming')`;

/** Binds: conversation, leaf, most messages, end of the walk, bytes after which reading stops. */
const BRANCH = {
  name: 'branch',
  text: `
  WITH RECURSIVE ${branchFrom('$2')}
  SELECT ${jsonPage(`${SELECT} JOIN branch b ON b.id = m.id ORDER BY b.depth DESC`)} AS messages`,
};

/**
 * json_agg keeps the order of the rows. Failed answers are empty and left out: they would only confuse the model.
 * `octet_length` does not decompress a text. Binds: answer, most messages, bytes after which reading stops.
 */
const promptText = (fields: string, bytes: (row: string) => string) => `
  WITH RECURSIVE answer AS (
    SELECT m.conversation_id, m.parent_id, m.content AS text, coalesce(m.reasoning, '') AS reasoning,
      m.reasoning_ms AS ms FROM messages m WHERE m.id = $1
  ), branch AS (
    SELECT m.id, m.parent_id, 1 AS depth, (${bytes('m')})::bigint AS bytes
      FROM messages m JOIN answer ON m.id = answer.parent_id
    UNION ALL
    SELECT p.id, p.parent_id, b.depth + 1, b.bytes + ${bytes('p')}
      FROM branch b JOIN messages p ON p.id = b.parent_id WHERE b.depth < $2 AND b.bytes < $3
  )
  SELECT json_build_object('text', answer.text, 'reasoning', answer.reasoning, 'ms', answer.ms) AS kept, c.model, c.system_prompt AS "systemPrompt", c.temperature, c.max_tokens AS "maxTokens", coalesce(
    (SELECT json_agg(json_build_object(${fields}) ORDER BY b.depth DESC)
      FROM branch b JOIN messages m ON m.id = b.id WHERE m.content <> ''), '[]') AS history,
    (SELECT parent_id FROM branch ORDER BY depth DESC LIMIT 1) AS "beyondId"
  FROM answer JOIN conversations c ON c.id = answer.conversation_id`;

const TEXTS = `'role', m.role, 'content', m.content`;
const PROMPT = {
  name: 'prompt',
  text: promptText(TEXTS, (row) => `octet_length(${row}.content)`),
};
/** The same, with the fields that a model server may want back. */
const RECALL = {
  name: 'recall',
  text: promptText(`${TEXTS}, 'reasoning', m.reasoning, 'vendor', m.vendor`, bytesOf),
};

/** Messages with a text from this one up to the root. */
const COUNT_UP = `
  WITH RECURSIVE up AS (
    SELECT m.parent_id, m.content <> '' AS said FROM messages m WHERE m.id = $1
    UNION ALL
    SELECT p.parent_id, p.content <> '' FROM up JOIN messages p ON p.id = up.parent_id
  )
  SELECT count(*) FILTER (WHERE said) FROM up`;

const NOTHING_KEPT: Kept = { text: '', reasoning: '', ms: null };

export function createMessageRepository(sql: Sql): MessageRepository {
  const one = (statement: string, bind: unknown[]) => sql.one<Message>(statement, bind);

  return {
    createTurn: (turn) => createTurn(sql, turn),

    findByClientId: (authorId, clientId) =>
      one(`${SELECT} WHERE m.author_id = $1 AND m.client_id = $2 AND m.deleted_at IS NULL`, [
        authorId,
        clientId,
      ]),

    firstAnswer: (messageId) =>
      one(
        `${SELECT} JOIN messages parent ON parent.id = $1
         WHERE m.conversation_id = parent.conversation_id AND coalesce(m.parent_id, 0) = $1 AND m.role = 'assistant'
           AND m.deleted_at IS NULL
         ORDER BY m.id LIMIT 1`,
        [messageId],
      ),

    find: (id, memberId) => one(FIND, [id, memberId]),

    async askedBy(keyId, id) {
      await sql.run('UPDATE messages SET key_id = $1 WHERE id = $2', [keyId, id]);
    },

    async isAskedBy(keyId, id) {
      const asked = 'SELECT 1 FROM messages WHERE id = $2 AND key_id = $1';
      return (await sql.one(asked, [keyId, id])) !== null;
    },

    get: (id) => one(`${SELECT} WHERE m.id = $1 AND m.deleted_at IS NULL`, [id]),

    async kept(id) {
      return (await sql.one<Kept>(KEPT, [id])) ?? NOTHING_KEPT;
    },

    async findMany(conversationId, ids) {
      if (ids.length === 0) return [];
      return sql.rows<Message>(
        `${SELECT} WHERE m.conversation_id = $1 AND m.id = ANY($2::bigint[]) AND m.deleted_at IS NULL ORDER BY m.id`,
        [conversationId, ids],
      );
    },

    async branch(conversationId, leafId, { limit, afterId = 0 }) {
      const bind = [conversationId, leafId, limit, afterId, LIMITS.pageBytes];
      const row = await sql.one<{ messages: Message[] }>(BRANCH, bind);
      return pageOf(row?.messages ?? [], afterId);
    },

    async countUp(messageId) {
      return (await sql.one<{ count: number }>(COUNT_UP, [messageId]))?.count ?? 0;
    },

    async prompt(answerId, { messages, bytes, recall = false }) {
      const row = await sql.one<ModelSettings & Omit<PromptSource, 'settings'>>(
        recall ? RECALL : PROMPT,
        [answerId, messages, bytes],
      );
      if (!row) return null;
      const { history, kept, beyondId, ...settings } = row;
      return { settings, history, kept, beyondId };
    },
  };
}
