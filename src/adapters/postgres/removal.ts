import type { Sql } from './sql.js';

/**
 * Whatever locks rows for long locks them in this order: users, sessions, conversations, generations, messages. The cascades
 * of a delete go from messages to generations, against the end of an answer, so that a delete takes its locks before.
 * Each step is a statement of its own: it sees what came while the one before it waited.
 */
const HOLD_UNFINISHED = `
  SELECT 1 FROM generations
  WHERE state <> 'finished' AND (conversation_id = ANY($1::bigint[]) OR user_id = $2::bigint)
  ORDER BY id FOR UPDATE`;

/** With all that hangs on it. Inside a transaction. */
export async function deleteConversation(tx: Sql, id: number): Promise<void> {
  await tx.run('SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE', [id]);
  await tx.run(HOLD_UNFINISHED, [[id], null]);
  await tx.run('DELETE FROM conversations WHERE id = $1', [id]);
}

/** The conversations of a user, who can be deleted then. Inside a transaction. */
export async function deleteOwned(tx: Sql, userId: number): Promise<void> {
  await tx.run('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [userId]);
  const owned = await tx.rows<{ id: number }>(
    `SELECT c.id FROM conversations c JOIN conversation_members cm ON cm.conversation_id = c.id
     WHERE cm.user_id = $1 AND cm.role = 'owner' ORDER BY c.id FOR UPDATE OF c`,
    [userId],
  );
  const ids = owned.map(({ id }) => id);
  await tx.run(HOLD_UNFINISHED, [ids, userId]);
  await tx.run('DELETE FROM conversations WHERE id = ANY($1::bigint[])', [ids]);
  await tx.run('DELETE FROM usage_days WHERE user_id = $1', [userId]);
  await tx.run('DELETE FROM list_changes WHERE user_id = $1', [userId]);
}
