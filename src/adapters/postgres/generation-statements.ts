/** A row that may be claimed now: it waits, or ($2) its owner's lease ran out; and it is its conversation's first. */
const CLAIMABLE = `
  (g.state = 'queued' OR ($2::boolean AND g.state = 'running' AND g.lease_expires_at < clock_timestamp()))
  AND NOT EXISTS (
    SELECT 1 FROM generations e
    WHERE e.conversation_id = g.conversation_id AND e.state <> 'finished' AND e.id < g.id)`;

const LEASE = (ms: string) => `clock_timestamp() + ${ms} * interval '1 millisecond'`;

/**
 * Step one of a claim: who could run, lowest id first, users at their cap left out. Locks the users, so that
 * step two, a statement with a newer snapshot, counts what nobody else can change: caps are exact.
 * Binds: only this message or null, take over, cap per user, room.
 */
export const CANDIDATES = `
  WITH busy AS (
    SELECT user_id FROM generations WHERE state = 'running' GROUP BY user_id HAVING count(*) >= $3::integer
  )
  SELECT g.id FROM generations g JOIN users u ON u.id = g.user_id
  WHERE ($1::bigint IS NULL OR g.message_id = $1)
    AND ${CLAIMABLE}
    AND (g.state = 'running' OR g.user_id NOT IN (SELECT user_id FROM busy))
  ORDER BY g.id LIMIT $4::integer
  FOR NO KEY UPDATE OF u SKIP LOCKED`;

/** Step two: locks, counts again and takes. Binds: candidate ids, take over, cap per user, node, lease in ms. */
export const CLAIM = `
  WITH locked AS (
    SELECT g.id, g.user_id, g.state FROM generations g
    WHERE g.id = ANY($1::bigint[]) AND ${CLAIMABLE}
    ORDER BY g.id FOR UPDATE OF g SKIP LOCKED
  ), ranked AS (
    SELECT l.id, l.state,
      count(*) FILTER (WHERE l.state = 'queued') OVER (PARTITION BY l.user_id ORDER BY l.id)
        + (SELECT count(*) FROM generations r WHERE r.user_id = l.user_id AND r.state = 'running') AS running
    FROM locked l
  ), claimed AS (
    UPDATE generations g SET state = 'running', attempt = g.attempt + 1, tries = g.tries + 1,
      node_id = $4, lease_expires_at = ${LEASE('$5::integer')}
    FROM ranked r
    WHERE g.id = r.id AND (r.state = 'running' OR r.running <= $3::integer)
    RETURNING g.*
  ), shown AS (
    UPDATE messages m SET status = 'streaming', attempt = c.attempt, seq = 0
    FROM claimed c WHERE m.id = c.message_id
    RETURNING m.id, m.model
  )
  SELECT c.id AS "generationId", c.message_id AS "messageId", c.conversation_id AS "conversationId",
    c.user_id AS "userId", c.attempt, c.tries, c.stop_requested AS "stopRequested", s.model
  FROM claimed c JOIN shown s ON s.id = c.message_id ORDER BY c.id`;

/** Locks by id, like a delete that meets several of them. Binds: ids, attempts, node, lease in ms. */
export const RENEW = `
  WITH mine AS (
    SELECT g.id FROM unnest($1::bigint[], $2::integer[]) AS held (id, attempt)
    JOIN generations g ON g.id = held.id AND g.attempt = held.attempt
    WHERE g.node_id = $3 AND g.state = 'running' ORDER BY g.id FOR NO KEY UPDATE OF g
  )
  UPDATE generations g SET lease_expires_at = ${LEASE('$4::integer')}
  FROM mine WHERE g.id = mine.id
  RETURNING g.id AS "generationId", g.stop_requested AS "stopRequested"`;

/** Binds: generation, attempt, status, content, seq, finish reason, usage, error. The row keeps its lease: who holds it announces. */
export const FINISH = `
  WITH finished AS (
    UPDATE generations SET state = 'finished' WHERE id = $1 AND attempt = $2 AND state = 'running'
    RETURNING message_id
  )
  UPDATE messages m SET status = $3, content = $4, seq = $5, finish_reason = $6, usage = $7::jsonb,
    error = $8::jsonb, completed_at = now()
  FROM finished f WHERE m.id = f.message_id`;

export const HAND_BACK = `
  WITH returned AS (
    UPDATE generations SET state = 'queued', tries = tries - 1, node_id = NULL, lease_expires_at = NULL
    WHERE id = $1 AND attempt = $2 AND state = 'running'
    RETURNING message_id
  )
  UPDATE messages m SET status = 'queued' FROM returned r WHERE m.id = r.message_id`;

/** Binds: message, lease in ms. */
export const REQUEST_STOP = `
  WITH stopped AS (
    UPDATE generations SET stop_requested = true,
      state = CASE WHEN attempt = 0 THEN 'finished' ELSE state END,
      lease_expires_at = CASE WHEN attempt = 0 THEN ${LEASE('$2::integer')} ELSE lease_expires_at END
    WHERE message_id = $1 AND state <> 'finished'
    RETURNING id, conversation_id, attempt, state
  ), ended AS (
    UPDATE messages m SET status = 'stopped', completed_at = now()
    FROM stopped s WHERE m.id = $1 AND s.state = 'finished'
  )
  SELECT id AS "generationId", conversation_id AS "conversationId", attempt, state FROM stopped`;

/** Binds: node, lease in ms, limit. */
export const TAKE_UNANNOUNCED = `
  UPDATE generations SET node_id = $1, lease_expires_at = ${LEASE('$2::integer')}
  WHERE id IN (
    SELECT id FROM generations WHERE state = 'finished' AND lease_expires_at < clock_timestamp()
    ORDER BY id LIMIT $3::integer FOR UPDATE SKIP LOCKED)
  RETURNING id, message_id`;
