import type pg from 'pg';

export interface QueueShape {
  users: number;
  /** A multiple of `users`, to which they belong in turn. Waiting answers are spread over them. */
  conversations: number;
  finished: number;
  running: number;
  /** How many of the running ones have expired, beginning with the first. */
  expired: number;
  waiting: number;
  /** Running ones are in the conversations of waiting ones, not in their own. */
  behind?: boolean;
  /** Finished ones wait for another node to announce them. */
  unannounced?: boolean;
}

const LEASES_PER_NODE = 100;

const rowsOf = (shape: QueueShape) => `
  CREATE TEMP TABLE planned AS
    SELECT n AS id, state, CASE WHEN state = 'running' AND NOT ${shape.behind ?? false}
      THEN ${shape.conversations} + n - ${shape.finished} ELSE 1 + n % ${shape.conversations} END AS conversation_id
    FROM generate_series(1, ${shape.finished + shape.running + shape.waiting}) n,
      LATERAL (SELECT CASE WHEN n <= ${shape.finished} THEN 'finished'
        WHEN n <= ${shape.finished + shape.running} THEN 'running' ELSE 'queued' END AS state) s;
  ALTER TABLE planned ADD user_id bigint GENERATED ALWAYS AS (1 + (conversation_id - 1) % ${shape.users}) STORED;`;

const MESSAGES = `
  INSERT INTO messages (id, conversation_id, role, status, content)
    SELECT 2 * id, conversation_id, 'assistant',
      CASE state WHEN 'finished' THEN 'completed' WHEN 'running' THEN 'streaming' ELSE 'queued' END,
      CASE state WHEN 'finished' THEN repeat('text ', 40) ELSE '' END FROM planned;`;

const generations = (shape: QueueShape) => `
  INSERT INTO generations (id, message_id, conversation_id, user_id, state, attempt, tries, claim, node_id, lease_expires_at)
    SELECT id, 2 * id, conversation_id, user_id, state, ran, ran, CASE ran WHEN 1 THEN gen_random_uuid() END,
      CASE ran WHEN 1 THEN 'n' || (id - ${shape.finished} - 1) / ${LEASES_PER_NODE} END,
      CASE ran WHEN 1 THEN now() + CASE WHEN overdue THEN interval '-1 second' ELSE interval '1 hour' END END
    FROM planned,
      LATERAL (SELECT CASE state WHEN 'queued' THEN 0 ELSE 1 END AS ran,
        CASE state WHEN 'finished' THEN ${shape.unannounced ?? false}
          ELSE id <= ${shape.finished + shape.expired} END AS overdue) x
    ORDER BY id;`;

const SEQUENCES = ['users', 'conversations', 'messages', 'generations']
  .map((table) => `SELECT setval('${table}_id_seq', (SELECT coalesce(max(id), 1) FROM ${table}));`)
  .join('\n');

const fill = (shape: QueueShape) => `
  BEGIN;
  -- No checks of foreign keys row by row: what is stored is consistent.
  SET LOCAL session_replication_role = replica;
  TRUNCATE users, conversations CASCADE;
  INSERT INTO users (id, email, username, password_hash)
    SELECT u, 'u' || u || '@example.com', 'u' || u, '-' FROM generate_series(1, ${shape.users}) u;
  ${rowsOf(shape)}
  INSERT INTO conversations (id)
    SELECT DISTINCT conversation_id FROM planned UNION SELECT generate_series(1, ${shape.conversations});
  INSERT INTO conversation_members (conversation_id, user_id) SELECT id, 1 + (id - 1) % ${shape.users} FROM conversations;
  ${MESSAGES}
  ${generations(shape)}
  ${SEQUENCES}
  DROP TABLE planned;
  COMMIT;`;

/**
 * Replaces all stored data by a queue: finished ones first, then running, then waiting. The planner learns nothing of
 * it.
 */
export async function fillQueue(client: pg.Client, shape: QueueShape): Promise<void> {
  await client.query(fill(shape));
}
