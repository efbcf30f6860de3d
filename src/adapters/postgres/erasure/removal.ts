import {
  type Removal,
  RemovalFailed,
  type Removals,
} from '../../../ports/repositories/removals.js';
import { stopUnfinished } from '../queue/stop-statements.js';
import type { Sql, Transact } from '../sql/sql.js';
import { IS_FINAL, SET_MEMBERS_ASIDE } from './restoring.js';

const MARK_CONVERSATIONS =
  'UPDATE conversations SET deleted_at = clock_timestamp() WHERE id = ANY($1::bigint[])';
const DELETE_MEMBERS = 'DELETE FROM conversation_members WHERE conversation_id = ANY($1::bigint[])';

/** Nobody can register the address and the name that are set here. */
const MARK_USER = `
  UPDATE users SET deleted_at = clock_timestamp(), is_active = false, email = 'deleted ' || id,
    username = 'deleted ' || id || ' ', password_hash = '' WHERE id = $1`;

async function markConversations(
  tx: Sql,
  ids: readonly number[],
  removeMembers: string,
): Promise<number[]> {
  const running = await stopUnfinished(tx, 'conversation_id = ANY($1::bigint[])', [ids]);
  await tx.run(removeMembers, [ids]);
  await tx.run(MARK_CONVERSATIONS, [ids]);
  return running;
}

/**
 * Hides a conversation from everybody until it is restored. Resolves to the generations that a node still runs. Needs a
 * transaction.
 */
export async function markConversation(tx: Sql, id: number): Promise<number[]> {
  await tx.run('SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE', [id]);
  return markConversations(tx, [id], SET_MEMBERS_ASIDE);
}

/** Rows of what a user has used, in the order in which the end of an answer or of a call locks them. */
const USAGE = ['usage_reservations', 'usage_days', 'usage_models'];

/** Webhooks come before their deliveries, which is the order in which their deletion locks both. */
const OUTBOX = ['webhooks', 'webhook_deliveries', 'notifications'];

/** The same for a user, who then has no session, role, name or address. Needs a transaction. */
export async function markUser(tx: Sql, id: number): Promise<number[]> {
  await tx.run('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [id]);
  await tx.run('DELETE FROM sessions WHERE user_id = $1', [id]);
  await tx.run('DELETE FROM api_keys WHERE user_id = $1', [id]);
  // A renewal of leases locks them in this order.
  await tx.run('SELECT 1 FROM completions WHERE user_id = $1 ORDER BY id FOR UPDATE', [id]);
  await tx.run('DELETE FROM completions WHERE user_id = $1', [id]);
  for (const table of OUTBOX) await tx.run(`DELETE FROM ${table} WHERE user_id = $1`, [id]);
  const running = await stopUnfinished(tx, 'user_id = $1::bigint', [id]);
  await tx.run(MARK_USER, [id]);
  await tx.run('DELETE FROM user_roles WHERE user_id = $1', [id]);
  await tx.run('DELETE FROM list_changes WHERE user_id = $1', [id]);
  await tx.run('DELETE FROM removed_members WHERE user_id = $1', [id]);
  for (const table of USAGE) await tx.run(`DELETE FROM ${table} WHERE user_id = $1`, [id]);
  return running;
}

/** Nodes that erase at the same time take different conversations. One without members set aside cannot be restored. */
const NEXT_CONVERSATION = `
  SELECT id FROM conversations c
  WHERE deleted_at IS NOT NULL AND id <> ALL ($1::bigint[])
    AND (${IS_FINAL} OR NOT EXISTS (SELECT FROM removed_members r WHERE r.conversation_id = c.id))
    AND NOT EXISTS (SELECT FROM generations g WHERE g.conversation_id = c.id)
  ORDER BY deleted_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`;

/** Keeps the keys with which messages were asked for, so that a repeated call does not bring them back. */
const SPEND = `INSERT INTO spent_keys (user_id, client_id) SELECT user_id, client_id FROM keys ON CONFLICT DO NOTHING`;

/**
 * The newest come first: no message is below these, so the cascade finds nothing. Only the key of a first message can
 * bring a conversation back, because all others name it.
 */
const ERASE_MESSAGES = `
  WITH doomed AS (
    SELECT id, parent_id, author_id, client_id FROM messages
    WHERE conversation_id = $1 ORDER BY id DESC LIMIT $2::integer
  ), keys AS (
    SELECT author_id AS user_id, client_id FROM doomed
    WHERE parent_id IS NULL AND author_id IS NOT NULL AND client_id IS NOT NULL
  ), spent AS (${SPEND})
  DELETE FROM messages WHERE id = ANY(ARRAY(SELECT id FROM doomed))`;

async function eraseConversation(tx: Sql, id: number, rows: number): Promise<void> {
  const erased = await tx.run(ERASE_MESSAGES, [id, rows]);
  if (erased < rows) await tx.run('DELETE FROM conversations WHERE id = $1', [id]);
}

/** Erasing a message erases everything below it, so all of that must have ended and been counted before. */
const NEXT_MESSAGES = `
  SELECT c.id FROM (
    SELECT conversation_id FROM messages WHERE deleted_at IS NOT NULL GROUP BY conversation_id ORDER BY min(deleted_at)
  ) marked JOIN conversations c ON c.id = marked.conversation_id
  WHERE c.deleted_at IS NULL AND c.id <> ALL ($1::bigint[]) AND NOT EXISTS (
    SELECT FROM generations g JOIN messages m ON m.id = g.message_id
    WHERE g.conversation_id = c.id AND m.deleted_at IS NOT NULL)
  LIMIT 1 FOR UPDATE OF c SKIP LOCKED`;

const ERASE_MARKED = `
  WITH doomed AS (
    SELECT id, conversation_id, author_id, client_id FROM messages
    WHERE conversation_id = $1 AND deleted_at IS NOT NULL ORDER BY id DESC LIMIT $2::integer
  ), keys AS (
    SELECT author_id AS user_id, client_id FROM doomed WHERE author_id IS NOT NULL AND client_id IS NOT NULL
    UNION
    SELECT a.user_id, a.client_id FROM doomed d
      JOIN asks a ON a.conversation_id = d.conversation_id AND a.message_id = d.id
  ), spent AS (${SPEND})
  DELETE FROM messages WHERE id = ANY(ARRAY(SELECT id FROM doomed))`;

async function eraseMessages(tx: Sql, conversationId: number, rows: number): Promise<void> {
  await tx.run(ERASE_MARKED, [conversationId, rows]);
}

const NEXT_USER = `
  SELECT id FROM users u
  WHERE deleted_at IS NOT NULL AND id <> ALL ($1::bigint[])
    AND NOT EXISTS (SELECT FROM generations g WHERE g.user_id = u.id)
  ORDER BY deleted_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`;

const OWNED = `
  SELECT c.id FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
  WHERE cm.user_id = $1 AND cm.role = 'owner' ORDER BY c.id LIMIT $2::integer FOR UPDATE OF c`;

/** The user's messages in conversations that stay or are not erased yet. */
const DISOWN_MESSAGES = `
  UPDATE messages SET author_id = NULL, client_id = NULL WHERE id = ANY(ARRAY(
    SELECT id FROM messages WHERE author_id = $1 LIMIT $2::integer))`;

const FORGET_ASKS = `
  DELETE FROM asks WHERE user_id = $1 AND client_id = ANY(ARRAY(
    SELECT client_id FROM asks WHERE user_id = $1 LIMIT $2::integer))`;

/** First the user's own conversations, which are erased like others, then everything else that names the user. */
async function eraseUser(tx: Sql, id: number, rows: number): Promise<void> {
  const owned = await tx.rows<{ id: number }>(OWNED, [id, rows]);
  if (owned.length > 0) {
    const ids = owned.map((conversation) => conversation.id);
    await markConversations(tx, ids, DELETE_MEMBERS);
    return;
  }
  for (const some of [DISOWN_MESSAGES, FORGET_ASKS]) {
    if ((await tx.run(some, [id, rows])) === rows) return;
  }
  for (const table of [...USAGE, 'list_changes', 'spent_keys'])
    await tx.run(`DELETE FROM ${table} WHERE user_id = $1`, [id]);
  await tx.run('DELETE FROM users WHERE id = $1', [id]);
}

const KINDS = [
  { kind: 'conversation', next: NEXT_CONVERSATION, erase: eraseConversation },
  { kind: 'messages', next: NEXT_MESSAGES, erase: eraseMessages },
  { kind: 'user', next: NEXT_USER, erase: eraseUser },
] as const;

/** Locks the next removal until the transaction ends. */
async function nextOf(tx: Sql, except: readonly Removal[]) {
  for (const { kind, next, erase } of KINDS) {
    const ids = except.filter((removal) => removal.kind === kind).map(({ id }) => id);
    const found = await tx.one<{ id: number }>(next, [ids]);
    if (found) return { removal: { kind, id: found.id }, erase };
  }
  return null;
}

export const createRemovals = (transact: Transact): Removals => ({
  async erase(rows, except) {
    let removal: Removal | null = null;
    try {
      return await transact(async (tx) => {
        const next = await nextOf(tx, except);
        if (!next) return false;
        removal = next.removal;
        await next.erase(tx, removal.id, rows);
        return true;
      });
    } catch (error) {
      throw removal ? new RemovalFailed(removal, error) : error;
    }
  },
});
