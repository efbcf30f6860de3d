import { type Removal, RemovalFailed, type Removals } from '../../../ports/removals.js';
import { LEASE_OVER } from '../queue/generation-statements.js';
import type { Sql, Transact } from '../sql/sql.js';

/**
 * Whatever locks rows for long locks them in this order: users, sessions, conversations, generations, messages. An
 * update that met several generations in another order could wait for one that waits for it. Each step is a statement of
 * its own: it sees what came while the one before it waited.
 */
const HOLD_UNFINISHED = `
  SELECT 1 FROM generations
  WHERE state <> 'finished' AND (conversation_id = ANY($1::bigint[]) OR user_id = $2::bigint)
  ORDER BY id FOR UPDATE`;

/** Those that never ran end here. The others end with whoever runs them, which counts what they took. */
const STOP_UNFINISHED = `
  WITH stopped AS (
    UPDATE generations SET stop_requested = true,
      state = CASE WHEN attempt = 0 THEN 'finished' ELSE state END,
      lease_expires_at = CASE WHEN attempt = 0 THEN ${LEASE_OVER} ELSE lease_expires_at END
    WHERE state <> 'finished' AND (conversation_id = ANY($1::bigint[]) OR user_id = $2::bigint)
    RETURNING id, message_id, state
  ), ended AS (
    UPDATE messages m SET status = 'stopped', completed_at = now()
    FROM stopped s WHERE m.id = s.message_id AND s.state = 'finished'
  )
  SELECT id FROM stopped WHERE state <> 'finished' ORDER BY id`;

const MARK_CONVERSATIONS =
  'UPDATE conversations SET deleted_at = clock_timestamp() WHERE id = ANY($1::bigint[])';
const DELETE_MEMBERS = 'DELETE FROM conversation_members WHERE conversation_id = ANY($1::bigint[])';

/** No address and no name that anybody can register. */
const MARK_USER = `
  UPDATE users SET deleted_at = clock_timestamp(), is_active = false, email = 'deleted ' || id,
    username = 'deleted ' || id || ' ', password_hash = '' WHERE id = $1`;

const stop = async (tx: Sql, conversationIds: readonly number[], userId: number | null) => {
  await tx.run(HOLD_UNFINISHED, [conversationIds, userId]);
  const running = await tx.rows<{ id: number }>(STOP_UNFINISHED, [conversationIds, userId]);
  return running.map(({ id }) => id);
};

async function markConversations(tx: Sql, ids: readonly number[]): Promise<number[]> {
  const running = await stop(tx, ids, null);
  await tx.run(DELETE_MEMBERS, [ids]);
  await tx.run(MARK_CONVERSATIONS, [ids]);
  return running;
}

/** It is gone for everybody. Resolves to the generations that somebody still runs. Inside a transaction. */
export async function markConversation(tx: Sql, id: number): Promise<number[]> {
  await tx.run('SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE', [id]);
  return markConversations(tx, [id]);
}

/** The same for a user, who then has no session, role, name or address. Inside a transaction. */
export async function markUser(tx: Sql, id: number): Promise<number[]> {
  await tx.run('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [id]);
  await tx.run('DELETE FROM sessions WHERE user_id = $1', [id]);
  const running = await stop(tx, [], id);
  await tx.run(MARK_USER, [id]);
  await tx.run('DELETE FROM user_roles WHERE user_id = $1', [id]);
  await tx.run('DELETE FROM list_changes WHERE user_id = $1', [id]);
  await tx.run('DELETE FROM usage_days WHERE user_id = $1', [id]);
  return running;
}

/** Nodes that erase at the same time take different ones. */
const NEXT_CONVERSATION = `
  SELECT id FROM conversations c
  WHERE deleted_at IS NOT NULL AND id <> ALL ($1::bigint[])
    AND NOT EXISTS (SELECT FROM generations g WHERE g.conversation_id = c.id)
  ORDER BY deleted_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`;

/** The newest first: nothing hangs below them, so that the cascade finds nothing. */
const ERASE_MESSAGES = `
  DELETE FROM messages WHERE id = ANY(ARRAY(
    SELECT id FROM messages WHERE conversation_id = $1 ORDER BY id DESC LIMIT $2::integer))`;

async function eraseConversation(tx: Sql, id: number, rows: number): Promise<void> {
  const erased = await tx.run(ERASE_MESSAGES, [id, rows]);
  if (erased < rows) await tx.run('DELETE FROM conversations WHERE id = $1', [id]);
}

const NEXT_USER = `
  SELECT id FROM users u
  WHERE deleted_at IS NOT NULL AND id <> ALL ($1::bigint[])
    AND NOT EXISTS (SELECT FROM generations g WHERE g.user_id = u.id)
  ORDER BY deleted_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`;

const OWNED = `
  SELECT c.id FROM conversation_members cm JOIN conversations c ON c.id = cm.conversation_id
  WHERE cm.user_id = $1 AND cm.role = 'owner' ORDER BY c.id LIMIT $2::integer FOR UPDATE OF c`;

/** What the user wrote in conversations that stay, or that are not erased yet. */
const DISOWN_MESSAGES = `
  UPDATE messages SET author_id = NULL, client_id = NULL WHERE id = ANY(ARRAY(
    SELECT id FROM messages WHERE author_id = $1 LIMIT $2::integer))`;

/** First the conversations, which are erased like others; then what else names the user. */
async function eraseUser(tx: Sql, id: number, rows: number): Promise<void> {
  const owned = await tx.rows<{ id: number }>(OWNED, [id, rows]);
  if (owned.length > 0) {
    await markConversations(
      tx,
      owned.map((conversation) => conversation.id),
    );
    return;
  }
  if ((await tx.run(DISOWN_MESSAGES, [id, rows])) === rows) return;
  for (const table of ['usage_days', 'list_changes'])
    await tx.run(`DELETE FROM ${table} WHERE user_id = $1`, [id]);
  await tx.run('DELETE FROM users WHERE id = $1', [id]);
}

const KINDS = [
  { kind: 'conversation', next: NEXT_CONVERSATION, erase: eraseConversation },
  { kind: 'user', next: NEXT_USER, erase: eraseUser },
] as const;

/** Locks it until the transaction ends. */
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
