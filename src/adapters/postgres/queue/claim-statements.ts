import { LEASE } from '../sql/lease.js';
import { traceOf } from './trace-column.js';

/**
 * True for the first unfinished generation of its conversation. The order names the conversation, and the range is
 * not an equation, so that only one index has this order: the planner cannot choose to walk along the ids, whatever
 * its statistics.
 */
const FIRST = `
  g.id = (SELECT e.id FROM generations e
    WHERE e.conversation_id BETWEEN g.conversation_id AND g.conversation_id AND e.state <> 'finished'
    ORDER BY e.conversation_id, e.id LIMIT 1)`;

/** The order of a conversation is that of requests to the model. Ending what was stopped needs none. */
const HAS_TURN = `(g.stop_requested OR ${FIRST})`;

/**
 * Selects rows of `g` whose user nobody else has locked, and locks that user. Reads only as much of `g` as is needed.
 */
const LOCK_USER = `
  CROSS JOIN LATERAL (SELECT FROM users u WHERE u.id = g.user_id FOR NO KEY UPDATE SKIP LOCKED) locked`;

/**
 * True if the model of the row accepts requests, or if the answer needs none to end. Reads the message only while a
 * model is paused.
 */
const MAY_BEGIN = (row: string, paused: string) => `
  (cardinality(${paused}::text[]) = 0 OR ${row}.stop_requested
    OR (SELECT m.model FROM messages m WHERE m.id = ${row}.message_id) = ANY(${paused}::text[]) IS NOT TRUE)`;

/**
 * Step one of a claim: generations that could run, lowest id first, without those of users at their cap. It locks
 * their users, so that step two, a statement with a newer snapshot, counts what nobody else can change: caps are
 * exact.
 *
 * `stopped` are generations that only have to be ended, without a request to the model. So neither cap, order, room nor
 * pause holds them back.
 *
 * `waiting` walks along the queue and stops when it has enough. Rows of users at their cap and of busy conversations
 * cost one hash lookup each, and while models are paused a look at their message. Binds: take over, cap per user,
 * room, room for queued ones, paused models, most stopped ones.
 */
export const CANDIDATES = `
  WITH running AS (
    SELECT id, user_id, conversation_id, stop_requested, lease_expires_at FROM generations WHERE state = 'running'
  ), stopped AS (
    SELECT id FROM generations WHERE state = 'queued' AND stop_requested ORDER BY id LIMIT $6::integer
  ), waiting AS (
    SELECT g.id FROM (
      SELECT id, user_id, conversation_id FROM generations q
      WHERE state = 'queued' AND NOT stop_requested AND ${MAY_BEGIN('q', '$5')}
        AND user_id NOT IN (SELECT user_id FROM running GROUP BY user_id HAVING count(*) >= $2::integer)
        AND conversation_id NOT IN (SELECT conversation_id FROM running)
      -- NULL is no limit, but the planner cannot know that: it plans for early rows, without sorting the queue.
      ORDER BY id LIMIT (SELECT NULL::bigint)
    ) g ${LOCK_USER} WHERE ${FIRST} ORDER BY g.id LIMIT $4::integer
  ), expired AS (
    SELECT g.id FROM (
      SELECT * FROM running WHERE $1::boolean AND lease_expires_at < clock_timestamp() ORDER BY id OFFSET 0
    ) g ${LOCK_USER} WHERE ${HAS_TURN} ORDER BY g.id LIMIT $3::integer
  )
  (SELECT id FROM expired UNION ALL SELECT id FROM waiting ORDER BY id LIMIT $3::integer)
  UNION ALL SELECT id FROM stopped`;

/** Answers of users without a limit do not count while they run. */
const IS_LIMITED = `
  (EXISTS (SELECT FROM users u WHERE u.id = c.user_id AND coalesce(u.tokens_per_day, u.tokens_per_month) IS NOT NULL)
    OR (SELECT bool_and(r.tokens_per_day IS NOT NULL) OR bool_and(r.tokens_per_month IS NOT NULL)
      FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = c.user_id))`;

/** The number is above attempts that were lost when the data went back in time. */
const NEXT_ATTEMPT = 'greatest(g.attempt, g.attempt_floor) + 1';

const TRACE = traceOf({
  ...{ trace: 's.traceparent', since: 'c.was_since', isLost: 'c.taken_over' },
  ...{ node: 'c.was_node', attempt: 'c.was_attempt', lease: 'c.was_lease' },
});

/**
 * Step two: locks, counts again and claims. Binds: candidate ids, take over, cap per user, node, lease in ms, paused
 * models.
 */
export const CLAIM = `
  WITH locked AS (
    SELECT g.id, g.user_id, g.state, g.stop_requested, g.state_since, g.node_id, g.attempt, g.lease_expires_at FROM generations g
    WHERE g.id = ANY($1::bigint[])
      AND (g.state = 'queued' AND ${MAY_BEGIN('g', '$6')} OR ($2::boolean AND g.state = 'running' AND g.lease_expires_at < clock_timestamp()))
      AND ${HAS_TURN}
    ORDER BY g.id FOR UPDATE OF g SKIP LOCKED
  ), ranked AS (
    SELECT l.*,
      count(*) FILTER (WHERE l.state = 'queued' AND NOT l.stop_requested) OVER (PARTITION BY l.user_id ORDER BY l.id)
        + (SELECT count(*) FROM generations r WHERE r.user_id = l.user_id AND r.state = 'running') AS running
    FROM locked l
  ), claimed AS (
    UPDATE generations g SET state = 'running', attempt = ${NEXT_ATTEMPT}, claim = gen_random_uuid(), tries = g.tries + 1,
      node_id = $4, lease_expires_at = ${LEASE('$5::integer')}, state_since = clock_timestamp()
    FROM ranked r
    WHERE g.id = r.id AND (r.state = 'running' OR r.stop_requested OR r.running <= $3::integer)
    RETURNING g.*, r.state = 'running' AS taken_over, r.state_since AS was_since, r.node_id AS was_node,
      r.attempt AS was_attempt, r.lease_expires_at AS was_lease
  ), shown AS (
    UPDATE messages m SET status = 'streaming', attempt = c.attempt, seq = 0
    FROM claimed c WHERE m.id = c.message_id
    RETURNING m.id, m.model, m.traceparent
  )
  SELECT c.id AS "generationId", c.claim AS "claimId", c.message_id AS "messageId", c.conversation_id AS "conversationId",
    c.user_id AS "userId", c.attempt, c.tries, c.stop_requested AS "stopRequested",
    c.taken_over AS "takenOver", s.model, CASE WHEN ${IS_LIMITED} THEN c.reserved END AS reserved,
    ${TRACE}
  FROM claimed c JOIN shown s ON s.id = c.message_id ORDER BY c.id`;
