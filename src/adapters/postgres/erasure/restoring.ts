import { LIMITS } from '../../../contract/limits.js';
import type { MemberRole } from '../../../contract/rest.js';
import type { Sql } from '../sql/sql.js';

/** Whether a deletion can no longer be undone. */
export const IS_FINAL = `c.deleted_at < clock_timestamp() - ${LIMITS.undoMs} * interval '1 millisecond'`;

const COLUMNS = 'conversation_id, user_id, role, created_at, pinned, archived, read_message_id';

/** Binds: conversations. */
export const SET_MEMBERS_ASIDE = `
  WITH gone AS (DELETE FROM conversation_members WHERE conversation_id = ANY($1::bigint[]) RETURNING *)
  INSERT INTO removed_members (${COLUMNS}) SELECT ${COLUMNS} FROM gone`;

/** Erasing locks the row of the conversation, too, so one of the two finds nothing. */
const ROLE = `
  SELECT r.role FROM conversations c JOIN removed_members r ON r.conversation_id = c.id
  WHERE c.id = $1 AND r.user_id = $2 AND c.deleted_at IS NOT NULL AND NOT ${IS_FINAL} FOR UPDATE OF c`;

const RESTORE = `
  WITH back AS (DELETE FROM removed_members WHERE conversation_id = $1 RETURNING *), members AS (
    INSERT INTO conversation_members (${COLUMNS}) SELECT ${COLUMNS} FROM back
  ), noted AS (
    INSERT INTO list_changes (user_id, conversation_id) SELECT user_id, conversation_id FROM back
  )
  UPDATE conversations SET deleted_at = NULL, updated_at = clock_timestamp() WHERE id = $1`;

/** The membership of a user in a conversation whose deletion can be undone, which is locked. Inside a transaction. */
export async function removedRole(tx: Sql, id: number, userId: number): Promise<MemberRole | null> {
  const row = await tx.one<{ role: MemberRole }>(ROLE, [id, userId]);
  return row?.role ?? null;
}

export async function restoreConversation(tx: Sql, id: number): Promise<void> {
  await tx.run(RESTORE, [id]);
}
