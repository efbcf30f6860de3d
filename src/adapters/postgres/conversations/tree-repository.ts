import type { Message } from '../../../contract/rest.js';
import type { LockedAnswer, TreeRepository } from '../../../ports/repositories/tree-repository.js';
import { stopUnfinished } from '../queue/stop-statements.js';
import { digestOf, MESSAGE_COLUMNS, MESSAGE_TABLES, withItself } from '../sql/message-row.js';
import type { Sql } from '../sql/sql.js';
import { noteForMembers } from './list-note.js';
import { readUpTo } from './read-up-to.js';
import { treeTime } from './screen-repository.js';

const ASKED = `
  SELECT request, conversation_id AS "conversationId", message_id AS "messageId" FROM asks
  WHERE user_id = $1 AND client_id = $2`;

const REMEMBER = `
  INSERT INTO asks (user_id, client_id, request, conversation_id, message_id) VALUES ($1, $2, $3, $4, $5)`;

/** `made` names the CTE with the row of a message. Binds: conversation first. */
const placed = (made: string, title: string) => `
  moved AS (
    UPDATE conversations c SET active_message_id = ${made}.id, last_message_at = now(), updated_at = clock_timestamp(),
      title = coalesce(${title}, c.title), auto_title = c.auto_title OR ${title} IS NOT NULL
    FROM ${made} WHERE c.id = $1 RETURNING c.updated_at
  )`;

/** Binds: conversation, parent, model, user who asks, reserved tokens, trace. */
const CREATE_ANSWER = `
  WITH answer AS (
    INSERT INTO messages (conversation_id, parent_id, role, status, model, traceparent)
    VALUES ($1, $2, 'assistant', 'queued', $3, $6) RETURNING *
  ), generation AS (
    INSERT INTO generations (message_id, conversation_id, user_id, reserved)
    SELECT id, $1, $4, $5 FROM answer RETURNING id
  ), ${placed('answer', 'NULL::text')}
  SELECT ${MESSAGE_COLUMNS}, generation.id AS "generationId", moved.updated_at AS "movedAt"
  FROM answer m LEFT JOIN users a ON a.id = m.author_id, generation, moved`;

/** Binds: conversation, parent, role, author, content, client id, model, title, who stores it. */
const CREATE_TEXT = `
  WITH made AS (
    INSERT INTO messages (conversation_id, parent_id, role, author_id, content, sha256, client_id, model, completed_at)
    VALUES ($1, $2, $3, $4, $5, ${digestOf('$5')}, $6, $7, now()) RETURNING *
  ), ${readUpTo('made', '$9')}, ${placed('made', '$8')}
  SELECT ${MESSAGE_COLUMNS}, moved.updated_at AS "movedAt"
  FROM made m LEFT JOIN users a ON a.id = m.author_id, moved`;

/**
 * The message already gets the number of its next attempt. If it has ended but is not announced yet, its generation
 * row is reused. Binds: message, user who asks, reserved tokens, trace.
 */
const REOPEN = `
  WITH opened AS (
    UPDATE messages SET status = 'queued', attempt = attempt + 1, seq = 0, finish_reason = NULL, usage = NULL,
      error = NULL, context = NULL, completed_at = NULL, traceparent = $4
    WHERE id = $1 RETURNING id, conversation_id, attempt - 1 AS attempt
  )
  INSERT INTO generations (message_id, conversation_id, user_id, attempt, reserved)
  SELECT id, conversation_id, $2, attempt, $3 FROM opened
  ON CONFLICT (message_id) DO UPDATE SET state = 'queued', user_id = excluded.user_id,
    reserved = excluded.reserved, state_since = now(), tries = 0, node_id = NULL,
    lease_expires_at = NULL, stop_requested = false, claim = NULL,
    attempt = greatest(generations.attempt, excluded.attempt)
  RETURNING id`;

const PRUNE = `
  DELETE FROM spent_keys WHERE (user_id, client_id) IN (
    SELECT user_id, client_id FROM spent_keys WHERE spent_at < now() - interval '30 days'
    LIMIT $1 FOR UPDATE SKIP LOCKED)`;

const CHILDREN = `m.conversation_id = $1 AND coalesce(m.parent_id, 0) = $2 AND m.deleted_at IS NULL`;

const LOCK_ANSWERS = `
  SELECT g.id FROM messages m JOIN generations g ON g.message_id = m.id AND g.state <> 'finished'
  WHERE ${CHILDREN} ORDER BY g.id FOR UPDATE OF g`;

const LOCKED_ANSWERS = `
  SELECT ${MESSAGE_COLUMNS}, m.content <> '' AS "hasText", (
    SELECT g.id FROM generations g WHERE g.message_id = m.id AND g.state <> 'finished') AS "generationId"
  FROM ${MESSAGE_TABLES} WHERE ${CHILDREN} ORDER BY m.id`;

/** Binds: question, content, model. */
const REWRITE = `
  WITH answers AS (
    UPDATE messages SET model = $3 WHERE $3::text IS NOT NULL AND status = 'queued' AND id IN (
      SELECT m.id FROM messages q JOIN messages m ON m.conversation_id = q.conversation_id
        AND coalesce(m.parent_id, 0) = q.id WHERE q.id = $1)
  )
  UPDATE messages SET content = $2, sha256 = ${digestOf('$2')}, model = coalesce($3, model) WHERE id = $1`;

/** Waits for a claim that is under way, so that the next statement sees it. */
const HOLD_WAITING = `SELECT id FROM generations WHERE conversation_id = $1 AND state = 'queued' ORDER BY id FOR UPDATE`;

const RUNNING = `SELECT message_id AS id FROM generations WHERE conversation_id = $1 AND state = 'running' ORDER BY id`;

/** Claims go by id, and nothing refers to the id of a waiting generation: the others get later ids. */
const PUT_FIRST = `
  WITH waiting AS (
    SELECT id FROM generations WHERE conversation_id = $1 AND state = 'queued' AND id < $2 ORDER BY id FOR UPDATE
  ), numbered AS (
    SELECT id, nextval(pg_get_serial_sequence('generations', 'id')) AS later
    FROM (SELECT id FROM waiting ORDER BY id) ordered
  )
  UPDATE generations g SET id = n.later FROM numbered n WHERE g.id = n.id`;

/** Binds: conversation, message. */
const BELOW = `
  WITH RECURSIVE below AS (
    SELECT id FROM messages WHERE conversation_id = $1 AND id = $2
    UNION ALL
    SELECT m.id FROM below b JOIN messages m ON m.conversation_id = $1 AND coalesce(m.parent_id, 0) = b.id
      AND m.deleted_at IS NULL
  )`;

/** Walks up from the few unfinished answers, because the tree below the message may be large. */
const UNFINISHED = `
  WITH RECURSIVE unfinished AS (
    SELECT message_id FROM generations WHERE conversation_id = $1 AND state <> 'finished'
  ), up AS (
    SELECT m.id AS from_id, m.id, m.parent_id FROM unfinished u JOIN messages m ON m.id = u.message_id
    UNION ALL
    SELECT u.from_id, p.id, p.parent_id FROM up u JOIN messages p ON p.id = u.parent_id WHERE u.id > $2
  )
  SELECT from_id AS id FROM up WHERE id = $2 ORDER BY from_id`;

/** Records the change for members' lists, because no new message tells them of it. */
const activate = (more: string) => `
  WITH changed AS (
    UPDATE conversations SET active_message_id = $2, updated_at = clock_timestamp()${more}
    WHERE id = $1 RETURNING id, updated_at, tree_changed_at
  ), noted AS (${noteForMembers('changed')}
  )
  SELECT updated_at, ${treeTime('tree_changed_at')} AS tree FROM changed`;
const ACTIVATE = activate('');
const CHANGED = activate(', tree_changed_at = clock_timestamp()');

interface ChangedRow {
  updated_at: Date;
  tree: number;
}

type MadeRow = Message & { movedAt: Date; generationId: number };

const toPlaced = ({ movedAt, generationId, ...message }: MadeRow) => ({
  message: withItself(message),
  updatedAt: movedAt.toISOString(),
  generationId,
});

const only = <T>(row: T | null): T => {
  if (row === null) throw new Error('a statement returned no row');
  return row;
};

export function createTreeRepository(sql: Sql): TreeRepository {
  const get = (id: number) =>
    sql.one<Message>(`SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES} WHERE m.id = $1`, [id]);

  return {
    asked: (userId, clientId) => sql.one(ASKED, [userId, clientId]),

    async remember({ userId, clientId, request }, { conversation_id, id }) {
      await sql.run(REMEMBER, [userId, clientId, request, conversation_id, id]);
    },

    async createAnswer({ conversationId, parentId, userId, model, reserved, trace }) {
      const bind = [conversationId, parentId, model, userId, reserved, trace ?? null];
      return toPlaced(only(await sql.one<MadeRow>(CREATE_ANSWER, bind)));
    },

    async createText({
      conversationId,
      parentId,
      role,
      authorId,
      content,
      clientId,
      model,
      title,
      userId,
    }) {
      const texts = [content, clientId, model, title];
      const bind = [conversationId, parentId, role, authorId, ...texts, userId];
      return toPlaced(only(await sql.one<MadeRow>(CREATE_TEXT, bind)));
    },

    async reopen(messageId, userId, reserved, trace = null) {
      const bind = [messageId, userId, reserved, trace];
      const { id } = only(await sql.one<{ id: number }>(REOPEN, bind));
      return { message: only(await get(messageId)), generationId: id };
    },

    prune: (rows) => sql.run(PRUNE, [rows]),

    async lockAnswers(conversationId, questionId) {
      await sql.run(LOCK_ANSWERS, [conversationId, questionId]);
      return sql.rows<LockedAnswer>(LOCKED_ANSWERS, [conversationId, questionId]);
    },

    async rewrite(questionId, content, model) {
      await sql.run(REWRITE, [questionId, content, model]);
      return get(questionId);
    },

    async unfinishedBelow(conversationId, messageId) {
      const rows = await sql.rows<{ id: number }>(UNFINISHED, [conversationId, messageId]);
      return rows.map(({ id }) => id);
    },

    async running(conversationId) {
      await sql.run(HOLD_WAITING, [conversationId]);
      const rows = await sql.rows<{ id: number }>(RUNNING, [conversationId]);
      return rows.map(({ id }) => id);
    },

    async putFirst(conversationId, generationId) {
      await sql.run(PUT_FIRST, [conversationId, generationId]);
    },

    async newestLeaf(conversationId, messageId) {
      const row = await sql.one<{ id: number | null }>(`${BELOW} SELECT max(id) AS id FROM below`, [
        conversationId,
        messageId,
      ]);
      return row?.id ?? messageId;
    },

    async below(conversationId, messageId, limit) {
      const rows = await sql.rows<{ id: number }>(
        `${BELOW} SELECT id FROM (SELECT id FROM below LIMIT $3) found ORDER BY id`,
        [conversationId, messageId, limit],
      );
      return rows.map(({ id }) => id);
    },

    async markDeleted(messageIds) {
      const running = await stopUnfinished(sql, 'message_id = ANY($1::bigint[])', [messageIds]);
      await sql.run(
        'UPDATE messages SET deleted_at = clock_timestamp() WHERE id = ANY($1::bigint[])',
        [messageIds],
      );
      return running;
    },

    async activate(conversationId, leafId) {
      const bind = [conversationId, leafId];
      return only(await sql.one<ChangedRow>(ACTIVATE, bind)).updated_at.toISOString();
    },

    async changed(conversationId, leafId) {
      const bind = [conversationId, leafId];
      const { updated_at, tree } = only(await sql.one<ChangedRow>(CHANGED, bind));
      return { updatedAt: updated_at.toISOString(), tree };
    },
  };
}
