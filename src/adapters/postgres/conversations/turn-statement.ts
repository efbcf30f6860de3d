import type { Message } from '../../../contract/rest.js';
import type { NewTurn, StoredTurn } from '../../../ports/repositories/message-repository.js';
import { digestOf, MESSAGE_COLUMNS, withItself } from '../sql/message-row.js';
import type { Sql } from '../sql/sql.js';
import { readUpTo } from './read-up-to.js';

/** Binds: conversation, parent, author, content, client id, requested model, model, title, reserved tokens, trace. */
const TEXT = `
  WITH question AS (
    INSERT INTO messages (conversation_id, parent_id, role, author_id, content, sha256, client_id, model, completed_at)
    VALUES ($1, $2, 'user', $3, $4, ${digestOf('$4')}, $5, $6, now()) RETURNING *
  ), ${readUpTo('question', '$3')}, answer AS (
    INSERT INTO messages (conversation_id, parent_id, role, status, model, traceparent)
    SELECT conversation_id, id, 'assistant', 'queued', $7, $10 FROM question RETURNING *
  ), generation AS (
    INSERT INTO generations (message_id, conversation_id, user_id, reserved)
    SELECT id, conversation_id, $3, $9 FROM answer RETURNING id
  ), moved AS (
    UPDATE conversations c SET active_message_id = answer.id, last_message_at = now(), updated_at = clock_timestamp(),
      title = coalesce($8, c.title), auto_title = c.auto_title OR $8 IS NOT NULL
    FROM answer WHERE c.id = $1 RETURNING c.updated_at
  )
  SELECT ${MESSAGE_COLUMNS}, generation.id AS "generationId", moved.updated_at AS "movedAt"
  FROM (SELECT * FROM question UNION ALL SELECT * FROM answer) m LEFT JOIN users a ON a.id = m.author_id, generation, moved
  ORDER BY m.id`;
const TURN = { name: 'turn', text: TEXT };

type Row = Message & { generationId: number; movedAt: Date };

/** Stores a whole send in one round trip. */
export async function createTurn(sql: Sql, turn: NewTurn): Promise<StoredTurn> {
  const { conversationId, parentId, authorId, content, clientId } = turn;
  const bind = [conversationId, parentId, authorId, content, clientId];
  const rows = await sql.rows<Row>(TURN, [
    ...bind,
    turn.askedModel,
    turn.model,
    turn.title,
    turn.reserved ?? 0,
    turn.trace ?? null,
  ]);
  const [question, answer] = rows;
  if (!question || !answer) throw new Error('an insert returned no row');
  const { generationId, movedAt } = answer;
  return {
    question: stored(question),
    answer: stored(answer),
    generationId,
    updatedAt: movedAt.toISOString(),
  };
}

function stored({ generationId: _id, movedAt: _at, ...message }: Row): Message {
  return withItself(message);
}
