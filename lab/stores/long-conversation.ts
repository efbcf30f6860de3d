import { createClient } from './client.js';

export interface LongConversation {
  /** The user who asks. */
  userId: number;
  messages: number;
  /** Texts of an answer and of a question; `{n}` becomes the number of the message, from 1. */
  answer: string;
  question: string;
}

const CONVERSATION = `
  WITH made AS (INSERT INTO conversations (title, last_message_at) VALUES ('Long', now()) RETURNING id)
  INSERT INTO conversation_members (conversation_id, user_id)
    SELECT id, $1 FROM made RETURNING conversation_id::int AS id`;
const MESSAGES = `
  WITH base AS (SELECT coalesce(max(id), 0) AS id FROM messages)
  INSERT INTO messages (id, conversation_id, parent_id, role, author_id, content, completed_at)
    SELECT base.id + n, $1, CASE n WHEN 1 THEN NULL ELSE base.id + n - 1 END,
      CASE n % 2 WHEN 1 THEN 'user' ELSE 'assistant' END, CASE n % 2 WHEN 1 THEN $2::bigint END,
      replace(CASE n % 2 WHEN 1 THEN $4 ELSE $5 END, '{n}', n::text), now()
    FROM base, generate_series(1, $3::int) n`;
const LEAF = `
  UPDATE conversations SET active_message_id =
    (SELECT max(id) FROM messages WHERE conversation_id = $1) WHERE id = $1`;
const NEXT_ID = `SELECT setval(pg_get_serial_sequence('messages', 'id'), max(id)) FROM messages`;

/** Stores a conversation of one branch, questions and answers in turn. Returns its id. */
export async function storeConversation(
  databaseUrl: string,
  { userId, messages, question, answer }: LongConversation,
): Promise<number> {
  const sql = createClient(databaseUrl);
  await sql.connect();
  try {
    const { rows } = await sql.query<{ id: number }>(CONVERSATION, [userId]);
    const id = rows[0]?.id ?? 0;
    // Checks of each row against its parent would take minutes.
    await sql.query('SET session_replication_role = replica');
    await sql.query(MESSAGES, [id, userId, messages, question, answer]);
    await sql.query('SET session_replication_role = origin');
    await sql.query(LEAF, [id]);
    await sql.query(NEXT_ID);
    return id;
  } finally {
    await sql.end();
  }
}
