import type { ImportReport } from '../../../contract/imports.js';
import type {
  ImportedConversation,
  ImportedMessage,
  ImportRepository,
  UserImport,
} from '../../../ports/repositories/import-repository.js';
import type { Sql, Transact } from '../sql/sql.js';

const CREATE = `
  INSERT INTO imports (user_id) VALUES ($1) ON CONFLICT (user_id) WHERE status = 'running' DO NOTHING RETURNING id`;

const REPORT = 'id, status, found, imported, duplicates, skipped, notes, error';

const FIND = `SELECT ${REPORT} FROM imports WHERE id = $1 AND user_id = $2`;

/** Binds: user, key, own id, own time of creation. */
const KNOWN = `
  SELECT EXISTS (
    SELECT FROM imported_conversations i
      JOIN conversation_members cm ON cm.conversation_id = i.conversation_id AND cm.user_id = i.user_id
    WHERE i.user_id = $1 AND i.key = $2
  ) OR EXISTS (
    SELECT FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
    WHERE cm.user_id = $1 AND c.id = $3::bigint AND c.created_at = $4::timestamptz
  ) AS known`;

/** The import cannot be given up before the transaction ends. */
const LOCK = `SELECT 1 FROM imports WHERE id = $1 AND status = 'running' FOR NO KEY UPDATE`;

/** Runs last, so that the beat follows the storing of a long conversation. */
const COUNT =
  'UPDATE imports SET imported = imported + 1, beat_at = clock_timestamp() WHERE id = $1';

/** Ids ascend, so that older messages have lower ones. */
const RESERVE = `
  WITH sequence AS MATERIALIZED (SELECT pg_get_serial_sequence('messages', 'id')::regclass AS name)
  SELECT nextval(pg_get_serial_sequence('conversations', 'id')) AS conversation, (
    SELECT json_agg(id ORDER BY id) FROM (
      SELECT nextval(sequence.name) AS id FROM sequence, generate_series(1, $1::integer)) ids
  ) AS messages`;

/** All of it counts as read. If it was imported before and deleted since, its key goes to the new conversation. */
const STORE = `
  WITH c AS (
    INSERT INTO conversations (id, title, model, system_prompt, temperature, max_tokens, active_message_id, created_at,
      updated_at, last_message_at)
    VALUES ($1, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id
  ), cm AS (
    INSERT INTO conversation_members (conversation_id, user_id, role, pinned, archived, read_message_id)
    SELECT id, $2, 'owner', $13, $14, $15::bigint FROM c
  )
  INSERT INTO imported_conversations (user_id, key, conversation_id) SELECT $2, $3, id FROM c
  ON CONFLICT (user_id, key) DO UPDATE SET conversation_id = excluded.conversation_id`;

/** Binds: conversation, user, rows. */
const MESSAGES = `
  INSERT INTO messages (id, conversation_id, parent_id, role, author_id, status, content, reasoning, model,
    finish_reason, usage, error, created_at, completed_at)
  SELECT r.id, $1, r.parent_id, r.role, CASE WHEN r.is_author THEN $2::bigint END, r.status, r.content, r.reasoning,
    r.model, r.finish_reason, r.usage, r.error, r.created_at, r.completed_at
  FROM json_to_recordset($3::json) AS r (id bigint, parent_id bigint, role text, is_author boolean, status text,
    content text, reasoning text, model text, finish_reason text, usage jsonb, error jsonb, created_at timestamptz,
    completed_at timestamptz)
  ORDER BY r.id`;

/** Leaves `imported` alone, which is counted with each stored conversation. */
const UPDATE = `
  UPDATE imports SET status = $2, found = $3, duplicates = $4, skipped = $5, notes = $6, error = $7,
    beat_at = clock_timestamp()
  WHERE id = $1 AND status = 'running'`;

/** Records the change of the list, so that every node looks for conversations that nobody was told of. */
const NOTE = `
  INSERT INTO list_changes (user_id, conversation_id)
  SELECT i.user_id, max(k.conversation_id) FROM imports i JOIN imported_conversations k ON k.user_id = i.user_id
  WHERE i.id = $1 AND i.status <> 'running' AND i.imported > 0 GROUP BY i.user_id`;

/** A locked import is just storing a conversation. */
const GIVE_UP = `
  UPDATE imports SET status = 'failed', error = $2
  WHERE id = ANY(ARRAY(
    SELECT id FROM imports
    WHERE status = 'running' AND beat_at < clock_timestamp() - $1::integer * interval '1 millisecond'
    FOR UPDATE SKIP LOCKED))
  RETURNING ${REPORT}, user_id AS "userId"`;

const PRUNE = `
  DELETE FROM imports WHERE id = ANY(ARRAY(
    SELECT id FROM imports WHERE created_at < now() - interval '90 days' AND status <> 'running'
    LIMIT $1 FOR UPDATE SKIP LOCKED))`;

/** Limits of one statement, so that none takes long. */
const MOST_ROWS = 500;
const MOST_CHARS = 1_048_576;

const rowOf = (message: ImportedMessage, ids: readonly number[], position: number) => ({
  id: ids[position],
  parent_id: message.parent === null ? null : ids[message.parent],
  role: message.role,
  is_author: message.isAuthor,
  status: message.status,
  content: message.content,
  reasoning: message.reasoning,
  model: message.model,
  finish_reason: message.finishReason,
  usage: message.usage,
  error: message.error,
  created_at: message.createdAt,
  completed_at: message.completedAt,
});

const sizeOf = ({ content, reasoning }: ImportedMessage): number =>
  content.length + (reasoning?.length ?? 0);

/** Yields pieces of bounded size, in their order: whatever has a parent comes after it. */
function* pieces(
  messages: readonly ImportedMessage[],
  ids: readonly number[],
): Generator<object[]> {
  let piece: object[] = [];
  let chars = 0;
  for (const [position, message] of messages.entries()) {
    if (piece.length === MOST_ROWS || (piece.length > 0 && chars + sizeOf(message) > MOST_CHARS)) {
      yield piece;
      piece = [];
      chars = 0;
    }
    piece.push(rowOf(message, ids, position));
    chars += sizeOf(message);
  }
  yield piece;
}

async function storeConversation(tx: Sql, userId: number, given: ImportedConversation) {
  const { messages } = given;
  const ids = await tx.one<{ conversation: number; messages: number[] }>(RESERVE, [
    messages.length,
  ]);
  if (!ids) throw new Error('no ids');
  await tx.run(STORE, [
    ids.conversation,
    userId,
    given.key,
    given.title,
    given.model,
    given.systemPrompt,
    given.temperature,
    given.maxTokens,
    ids.messages[given.active],
    given.createdAt,
    given.updatedAt,
    given.lastMessageAt,
    given.pinned,
    given.archived,
    ids.messages.at(-1),
  ]);
  for (const piece of pieces(messages, ids.messages)) {
    await tx.run(MESSAGES, [ids.conversation, userId, JSON.stringify(piece)]);
  }
}

export function createImportRepository(sql: Sql, transact: Transact): ImportRepository {
  return {
    async create(userId) {
      return (await sql.one<{ id: number }>(CREATE, [userId]))?.id ?? null;
    },
    find: (id, userId) => sql.one<ImportReport>(FIND, [id, userId]),
    async isKnown(userId, { key, own }) {
      const row = await sql.one<{ known: boolean }>(KNOWN, [
        userId,
        key,
        own?.id ?? null,
        own?.createdAt ?? null,
      ]);
      return row?.known ?? false;
    },
    store: (id, userId, conversation) =>
      transact(async (tx) => {
        if ((await tx.one(LOCK, [id])) === null) return false;
        await storeConversation(tx, userId, conversation);
        await tx.run(COUNT, [id]);
        return true;
      }),
    update: (id, { status, found, duplicates, skipped, notes, error }) =>
      transact(async (tx) => {
        const lists = [skipped, notes, error].map((value) => JSON.stringify(value));
        const changed = await tx.run(UPDATE, [id, status, found, duplicates, ...lists]);
        if (changed > 0 && status !== 'running') await tx.run(NOTE, [id]);
        return changed > 0;
      }),
    giveUp: (silentMs, error) => sql.rows<UserImport>(GIVE_UP, [silentMs, JSON.stringify(error)]),
    prune: (rows) => sql.run(PRUNE, [rows]),
  };
}
