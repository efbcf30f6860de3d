import type {
  AnswerState,
  ListChange,
  ScreenRepository,
} from '../../../ports/repositories/screen-repository.js';
import type { Sql } from '../sql/sql.js';

export const ANSWERS = `
  SELECT id AS "messageId", status, attempt FROM messages WHERE id = ANY($1::bigint[])`;

const SINCE = `now() - $1::integer * interval '1 millisecond'`;
/** Returns μs since the epoch. */
export const treeTime = (time: string) => `(extract(epoch FROM ${time}) * 1000000)::bigint`;
const age = (time: string) => `extract(epoch FROM now() - ${time}) * 1000`;

/**
 * The index of the lists finds conversations that became active. Users are joined, so that no index is searched for
 * each of thousands of users. Newest first: earlier looks have seen the changes beyond the limit. Binds: window in
 * ms, users, limit.
 */
export const LIST_CHANGES = `
  WITH recent AS (
    SELECT id FROM conversations WHERE active_at > ${SINCE}
    UNION SELECT conversation_id FROM list_changes WHERE changed_at > ${SINCE}
  ), changed AS (
    SELECT cm.user_id, c.id, extract(epoch FROM c.updated_at) * 1000 AS version, ${age('c.updated_at')} AS age,
      (SELECT max(m.id) FROM messages m WHERE m.conversation_id = c.id AND m.deleted_at IS NULL) AS newest,
      ${treeTime('c.tree_changed_at')} AS tree, ${age('c.tree_changed_at')} AS "treeAgeMs"
    FROM recent JOIN conversations c ON c.id = recent.id
    JOIN conversation_members cm ON cm.conversation_id = c.id
    JOIN unnest($2::bigint[]) AS here (user_id) ON here.user_id = cm.user_id
    UNION ALL
    SELECT l.user_id, l.conversation_id, NULL, ${age('max(l.changed_at)')}, NULL, NULL, NULL FROM list_changes l
    WHERE l.changed_at > ${SINCE} AND l.user_id = ANY($2::bigint[])
      AND NOT EXISTS (
        SELECT FROM conversation_members cm WHERE cm.conversation_id = l.conversation_id AND cm.user_id = l.user_id)
    GROUP BY l.user_id, l.conversation_id
  )
  SELECT user_id AS "userId", id AS "conversationId", version, age AS "ageMs", newest AS "newestId", tree, "treeAgeMs"
  FROM changed ORDER BY age, "conversationId", "userId" LIMIT $3`;

/** No node looks back this far. */
const PRUNE = `
  DELETE FROM list_changes WHERE id = ANY(ARRAY(
    SELECT id FROM list_changes WHERE changed_at < now() - interval '1 hour' LIMIT $1 FOR UPDATE SKIP LOCKED))`;

export function createScreenRepository(sql: Sql): ScreenRepository {
  return {
    answers: (messageIds) => sql.rows<AnswerState>(ANSWERS, [messageIds]),
    listChanges: (withinMs, userIds, limit) =>
      sql.rows<ListChange>(LIST_CHANGES, [withinMs, userIds, limit]),
    prune: (rows) => sql.run(PRUNE, [rows]),
  };
}
