import { LIMITS } from '../../../contract/limits.js';

/**
 * `ready`: generations that could run if a node were free, at most one per conversation. An answer waits for the
 * ready ones with a lower id, found in the sorted array `line`, and for held-back ones: those of its user (`own`) and
 * those of other users in its conversation (`others`). It counts itself on one side or the other. Binds: messages,
 * cap per user.
 */
export const POSITIONS = `
  WITH asked AS (
    SELECT user_id, conversation_id FROM generations WHERE message_id = ANY($1::bigint[])
  ), heads AS (
    SELECT DISTINCT ON (conversation_id) id, user_id, state FROM generations
    WHERE state <> 'finished' ORDER BY conversation_id, id
  ), ready AS (
    SELECT id FROM heads
    WHERE state = 'queued' AND user_id NOT IN (
      SELECT user_id FROM generations WHERE state = 'running' GROUP BY user_id HAVING count(*) >= $2::integer)
  ), near AS MATERIALIZED (
    SELECT id, message_id, user_id, conversation_id, id NOT IN (SELECT id FROM ready) AS held FROM generations
    WHERE state = 'queued' AND (user_id IN (SELECT user_id FROM asked)
      OR conversation_id IN (SELECT conversation_id FROM asked))
  ), mixed AS (
    SELECT conversation_id FROM near GROUP BY conversation_id HAVING min(user_id) < max(user_id)
  ), others AS (
    SELECT id, count(*) FILTER (WHERE held) OVER (PARTITION BY conversation_id ORDER BY id)
      - count(*) FILTER (WHERE held) OVER (PARTITION BY conversation_id, user_id ORDER BY id) AS ahead
    FROM near WHERE conversation_id IN (SELECT conversation_id FROM mixed)
  ), own AS (
    SELECT id, message_id, count(*) FILTER (WHERE held) OVER (PARTITION BY user_id ORDER BY id) AS ahead FROM near
  )
  SELECT own.message_id AS "messageId",
    own.ahead + coalesce(others.ahead, 0) + width_bucket(own.id, line.ids) AS position
  FROM own LEFT JOIN others ON others.id = own.id
    CROSS JOIN (SELECT coalesce(array_agg(id ORDER BY id), '{}') AS ids FROM ready) line
  WHERE own.message_id = ANY($1::bigint[]) ORDER BY own.id`;

/** Reads only an index of the waiting generations. */
export const WAITING = `
  SELECT count(*) AS depth,
    coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0) AS "oldestSeconds"
  FROM generations WHERE state = 'queued'`;

export const REPORT = `
  WITH unfinished AS (
    SELECT user_id, node_id, state, created_at FROM generations WHERE state <> 'finished'
  ), nodes AS (
    SELECT node_id AS id, count(*) AS running FROM unfinished WHERE state = 'running'
    GROUP BY node_id ORDER BY count(*) DESC, node_id LIMIT ${LIMITS.nodes}
  ), askers AS (
    SELECT u.id, u.username, count(*) FILTER (WHERE g.state = 'queued') AS waiting,
      count(*) FILTER (WHERE g.state = 'running') AS running
    FROM unfinished g JOIN users u ON u.id = g.user_id
    GROUP BY u.id ORDER BY count(*) DESC, u.id LIMIT ${LIMITS.usersInSums}
  )
  SELECT count(*) FILTER (WHERE state = 'queued') AS waiting, count(*) FILTER (WHERE state = 'running') AS running,
    round(coalesce(extract(epoch FROM clock_timestamp() - min(created_at) FILTER (WHERE state = 'queued')), 0) * 1000)
      AS oldest_ms,
    (SELECT coalesce(json_agg(nodes), '[]') FROM nodes) AS nodes,
    (SELECT coalesce(json_agg(askers), '[]') FROM askers) AS users
  FROM unfinished`;
