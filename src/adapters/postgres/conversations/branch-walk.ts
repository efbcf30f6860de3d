import { bytesOf } from '../sql/message-row.js';

/**
 * The recursive CTE `branch`: messages from the leaf towards the root. Binds: $1 conversation, $3 most messages, $4 end
 * of the walk, $5 bytes after which reading stops.
 */
export const branchFrom = (leaf: string): string => `branch AS (
    SELECT m.id, m.parent_id, 1 AS depth, (${bytesOf('m')})::bigint AS bytes FROM messages m
      WHERE m.conversation_id = $1 AND m.id = ${leaf} AND m.deleted_at IS NULL AND m.id <> $4
    UNION ALL
    SELECT p.id, p.parent_id, b.depth + 1, b.bytes + ${bytesOf('p')}
      FROM branch b JOIN messages p ON p.id = b.parent_id
      WHERE b.depth < $3 AND p.id <> $4 AND b.bytes < $5
  )`;
