import { LIMITS } from '../../../contract/limits.js';
import { LEASE, LEASE_OVER } from '../sql/lease.js';
import { IS_DUE, RENEWED } from '../usage/usage-statements.js';
import { traceOf } from './trace-column.js';

/** The completion has expired, so nobody finds it any more. */
const IS_OVER = `ended_at < clock_timestamp() - ${LIMITS.completionMs} * interval '1 millisecond'`;

/** Columns of a `CompletionClaim`. */
const CLAIMED = `id, claim AS "claimId", user_id AS "userId", attempt, tries, reservation,
  coalesce((SELECT r.tokens FROM usage_reservations r WHERE r.id = reservation), 0) AS reserved`;

/** The trace of a completion that no node has claimed before. */
const NEW_TRACE = `
  CASE WHEN traceparent IS NOT NULL THEN jsonb_build_object('parent', traceparent, 'sinceMs', 0, 'lost', NULL) END AS trace`;

/** Binds: user, key. */
export const FIND_BY_KEY = `
  SELECT id, encode(digest, 'hex') AS digest FROM completions
  WHERE user_id = $1 AND idempotency_key = $2 AND (${IS_OVER}) IS NOT TRUE`;

/** A key may be used again once its call has expired. Binds: user, key. */
export const FREE_KEY = `DELETE FROM completions WHERE user_id = $1 AND idempotency_key = $2 AND ${IS_OVER}`;

/** Binds: user, key, digest in hex, request, reservation, node, lease in ms, trace. */
export const BEGIN = `
  INSERT INTO completions (user_id, idempotency_key, digest, request, reservation, node_id, lease_expires_at, traceparent)
  SELECT $1::bigint, $2, decode($3, 'hex'), $4, $5::bigint, $6, ${LEASE('$7::integer')}, $8
  WHERE (SELECT count(*) FROM completions WHERE user_id = $1::bigint AND status = 'streaming') < ${LIMITS.durableCompletions}
  RETURNING ${CLAIMED}, ${NEW_TRACE}`;

/** An answer in the shape that followers read; see `StoredCompletion`. Binds: id, user. */
export const FIND = `
  SELECT -id AS id, -id AS conversation_id, status, encode(sha256, 'hex') AS sha256, attempt, seq, content,
    NULL AS reasoning, error AS failure
  FROM completions WHERE id = $1 AND user_id = $2 AND (${IS_OVER}) IS NOT TRUE`;

/** A claim that its owner still holds. First binds: id, attempt, claim. */
const HELD = `id = $1 AND attempt = $2 AND claim = $3 AND status = 'streaming'`;

export const REQUEST = `SELECT request FROM completions WHERE ${HELD}`;

export const HOLDS = `SELECT 1 FROM completions WHERE ${HELD}`;

/** Locks rows by id, and renews their reservations. Binds: ids, attempts, claims, node, lease in ms. */
export const RENEW = `
  WITH mine AS (
    SELECT c.id, c.reservation FROM unnest($1::bigint[], $2::integer[], $3::uuid[]) AS held (id, attempt, claim)
    JOIN completions c ON c.id = held.id AND c.attempt = held.attempt AND c.claim = held.claim
    WHERE c.node_id = $4 AND c.status = 'streaming' ORDER BY c.id FOR NO KEY UPDATE OF c
  ), held AS (
    UPDATE usage_reservations r SET ${RENEWED} FROM mine WHERE r.id = mine.reservation AND ${IS_DUE}
  )
  UPDATE completions c SET lease_expires_at = ${LEASE('$5::integer')}
  FROM mine WHERE c.id = mine.id RETURNING c.id`;

const TRACE = traceOf({
  ...{ trace: 'c.traceparent', since: 'due.claimed_at', isLost: 'due.node_id IS NOT NULL' },
  ...{ node: 'due.node_id', attempt: 'due.attempt', lease: 'due.lease_expires_at' },
});

/** Binds: node, lease in ms, rows, bytes of requests. */
export const TAKE_OVER = `
  WITH old AS (
    SELECT id, node_id, attempt, claimed_at, lease_expires_at, octet_length(request) AS bytes FROM completions
    WHERE status = 'streaming' AND lease_expires_at < clock_timestamp()
    ORDER BY lease_expires_at LIMIT $3::integer FOR UPDATE SKIP LOCKED
  ), summed AS (
    SELECT *, sum(bytes) OVER (ORDER BY lease_expires_at, id) AS total FROM old
  ), due AS (
    SELECT * FROM summed WHERE total - bytes < $4::bigint
  ), taken AS (
    UPDATE completions c SET attempt = c.attempt + 1, tries = c.tries + 1, claim = gen_random_uuid(), node_id = $1,
      lease_expires_at = ${LEASE('$2::integer')}, claimed_at = clock_timestamp()
    FROM due WHERE c.id = due.id
    RETURNING c.*, ${TRACE}, due.bytes
  )
  SELECT ${CLAIMED}, trace, bytes FROM taken`;

/** Further binds: number that the next attempt must exceed. A raise whose reply was lost may be repeated. */
export const RAISE = `
  UPDATE completions SET attempt = greatest(attempt, $4::integer) + 1
  WHERE id = $1 AND attempt >= $2 AND claim = $3 AND status = 'streaming' RETURNING attempt`;

/** Further binds: seq, content, digest of the content in hex, error. The request is not needed any more. */
export const FINISH = `
  UPDATE completions SET status = CASE WHEN $7::jsonb IS NULL THEN 'completed' ELSE 'failed' END,
    seq = $4, content = $5, sha256 = decode($6, 'hex'), error = $7::jsonb, request = NULL, lease_expires_at = NULL,
    ended_at = clock_timestamp(),
    idempotency_key = CASE WHEN $7::jsonb IS NULL THEN idempotency_key END
  WHERE ${HELD}`;

/** Whether this claim has stored this end. Binds: id, attempt, claim, digest of the content in hex. */
export const IS_FINISHED = `
  SELECT 1 FROM completions
  WHERE id = $1 AND attempt = $2 AND claim = $3 AND status <> 'streaming' AND sha256 = decode($4, 'hex')`;

export const HAND_BACK = `
  UPDATE completions SET tries = tries - 1, node_id = NULL, lease_expires_at = ${LEASE_OVER},
    claimed_at = clock_timestamp() WHERE ${HELD}`;

/** Binds: rows. */
export const PRUNE = `
  DELETE FROM completions WHERE id IN (
    SELECT id FROM completions WHERE ${IS_OVER} ORDER BY ended_at LIMIT $1 FOR UPDATE SKIP LOCKED)`;
