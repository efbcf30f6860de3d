import { LEASE } from '../sql/lease.js';
import { countUsage, UNFINISHED, USAGE_COLUMNS } from '../usage/usage-statements.js';
import { ENDS_IN_PLACE, SHOW_STOPPED } from './stop-in-place.js';

/** Any number that no other advisory lock of this database uses. */
export const LOCK_TOTAL = 'SELECT pg_advisory_xact_lock(7305814423)';

export const RUNNING = `SELECT count(*) FROM generations WHERE state = 'running'`;

/**
 * Tokens of a branch, roughly: from its end up to the last answer whose usage is known, which covers everything above.
 * A walk of a few rows at most. The branch ends at message $4, above it if $5, or else with the active leaf of
 * conversation $3.
 */
const BRANCH_TOKENS = `
  (WITH RECURSIVE up AS (
    SELECT m.id, m.parent_id, m.usage, m.content, 1 AS depth FROM messages m
    WHERE m.conversation_id = $3::bigint AND m.id = CASE
      WHEN $5::boolean THEN (SELECT t.parent_id FROM messages t WHERE t.id = $4::bigint)
      ELSE coalesce($4::bigint, (SELECT c.active_message_id FROM conversations c WHERE c.id = $3::bigint)) END
    UNION ALL
    SELECT p.id, p.parent_id, p.usage, p.content, up.depth + 1 FROM up JOIN messages p ON p.id = up.parent_id
    WHERE up.usage IS NULL AND up.depth < 20
  ) SELECT coalesce(sum(least(coalesce((usage ->> 'total_tokens')::numeric, octet_length(content) / 4), 10000000)), 0)
    FROM up)`;

/** Binds: user, client id, conversation, message, whether the branch ends above it. */
export const ASK_FACTS = `
  SELECT unfinished.pending, ${BRANCH_TOKENS} AS "branchTokens",
    EXISTS (SELECT FROM messages m WHERE m.author_id = u.id AND m.client_id = $2)
      OR EXISTS (SELECT FROM asks k WHERE k.user_id = u.id AND k.client_id = $2)
      OR EXISTS (SELECT FROM spent_keys s WHERE s.user_id = u.id AND s.client_id = $2) AS repeated,
    ${USAGE_COLUMNS}
  FROM users u CROSS JOIN ${UNFINISHED} WHERE u.id = $1 AND u.deleted_at IS NULL`;

/** Locks rows by id, as a delete that meets several of them does. Binds: ids, attempts, claims, node, lease in ms. */
export const RENEW = `
  WITH mine AS (
    SELECT g.id FROM unnest($1::bigint[], $2::integer[], $3::uuid[]) AS held (id, attempt, claim)
    JOIN generations g ON g.id = held.id AND g.attempt = held.attempt AND g.claim = held.claim
    WHERE g.node_id = $4 AND g.state = 'running' ORDER BY g.id FOR NO KEY UPDATE OF g
  )
  UPDATE generations g SET lease_expires_at = ${LEASE('$5::integer')}
  FROM mine WHERE g.id = mine.id
  RETURNING g.id AS "generationId", g.stop_requested AS "stopRequested"`;

/** A claim that its owner still holds. First binds: generation, attempt, claim. */
const HELD = `id = $1 AND attempt = $2 AND claim = $3 AND state = 'running'`;

export const HOLDS = `SELECT 1 FROM generations WHERE ${HELD}`;

/** Further binds: number that the next attempt must exceed. A raise whose reply was lost may be repeated. */
export const RAISE = `
  WITH raised AS (
    UPDATE generations SET attempt = greatest(attempt, attempt_floor, $4::integer) + 1
    WHERE id = $1 AND attempt >= $2 AND claim = $3 AND state = 'running'
    RETURNING message_id, attempt
  )
  UPDATE messages m SET attempt = r.attempt, seq = 0 FROM raised r WHERE m.id = r.message_id RETURNING r.attempt`;

/** A webhook of a member, for the event. */
const HAS_RECEIVER = `
  EXISTS (SELECT FROM conversation_members cm JOIN webhooks w ON w.user_id = cm.user_id
    WHERE cm.conversation_id = f.conversation_id AND $19::text = ANY (w.events))`;

/**
 * A CTE that puts the end into the outbox, if there is anybody to tell. Binds: event (null: nobody is told), whether
 * the installation has a webhook.
 */
const NOTIFY = `
  notified AS (
    INSERT INTO notifications (event, conversation_id, message_id, user_id, installation, traceparent, data)
    SELECT $19::text, f.conversation_id, f.message_id, f.user_id, $20::boolean,
      (SELECT m.traceparent FROM messages m WHERE m.id = f.message_id),
      jsonb_build_object('status', $4::text, 'finish_reason', $7::text,
        'model', coalesce($14, (SELECT m.model FROM messages m WHERE m.id = f.message_id)),
        'usage', $8::jsonb, 'error', $9::jsonb)
    FROM finished f WHERE $19::text IS NOT NULL AND ($20::boolean OR ${HAS_RECEIVER})
    RETURNING id
  )`;

/** The model server's words about an answer that failed, for administrators. Bind: the words, or null. */
const NOTE = `
  noted AS (
    INSERT INTO model_words (message_id, attempt, words)
    SELECT f.message_id, $2::integer, $21::text FROM finished f WHERE $21::text IS NOT NULL
    ON CONFLICT (message_id) DO UPDATE SET attempt = excluded.attempt, words = excluded.words, created_at = now()
  )`;

/**
 * Further binds: status, content, seq, finish reason, usage, error, tokens, digest of the content in hex, reasoning,
 * its ms, model (null: as asked), context, vendor data, cost, its currency, then those of `NOTIFY` and `NOTE`. The row
 * keeps its lease, whose holder announces the end. What it holds of the quota ends with its state, as what was used
 * begins to count.
 */
export const FINISH = `
  WITH finished AS (
    UPDATE generations SET state = 'finished' WHERE ${HELD}
    RETURNING message_id, user_id, conversation_id
  ), ${countUsage({
    source: 'finished',
    tokens: '$10::bigint',
    model: "coalesce($14, (SELECT m.model FROM messages m WHERE m.id = s.message_id), '')",
    cost: '$17::numeric',
    currency: '$18::text',
  })}, ${NOTIFY}, ${NOTE}
  UPDATE messages m SET status = $4, content = $5, sha256 = decode($11, 'hex'), reasoning = $12, reasoning_ms = $13, model = coalesce($14, m.model), context = $15::jsonb, vendor = $16::jsonb, seq = $6, finish_reason = $7, usage = $8::jsonb,
    error = $9::jsonb, completed_at = now()
  FROM finished f WHERE m.id = f.message_id RETURNING EXISTS (SELECT FROM notified) AS told`;

/** The tokens that each answer of a user holds, for the in-place edit of their question. Binds: messages, user. */
export const HELD_BY = `
  SELECT message_id AS "messageId", reserved FROM generations
  WHERE message_id = ANY($1::bigint[]) AND user_id = $2 AND state = 'queued' ORDER BY id`;

/** Binds: message, tokens. */
export const HOLD_INSTEAD = `UPDATE generations SET reserved = $2 WHERE message_id = $1 AND state = 'queued'`;

/** Further binds: tries to take back. */
export const HAND_BACK = `
  WITH returned AS (
    UPDATE generations SET state = 'queued', tries = tries - $4::integer, node_id = NULL, lease_expires_at = NULL,
      state_since = clock_timestamp()
    WHERE ${HELD}
    RETURNING message_id
  )
  UPDATE messages m SET status = 'queued' FROM returned r WHERE m.id = r.message_id`;

/** Binds: message, lease in ms. */
export const REQUEST_STOP = `
  WITH stopped AS (
    UPDATE generations SET stop_requested = true,
      state = CASE WHEN ${ENDS_IN_PLACE} THEN 'finished' ELSE state END,
      lease_expires_at = CASE WHEN ${ENDS_IN_PLACE} THEN ${LEASE('$2::integer')} ELSE lease_expires_at END
    WHERE message_id = $1 AND state <> 'finished'
    RETURNING id, conversation_id, attempt, state
  ), ended AS (
    UPDATE messages m SET ${SHOW_STOPPED}
    FROM stopped s WHERE m.id = $1 AND s.state = 'finished'
  )
  SELECT id AS "generationId", conversation_id AS "conversationId", attempt, state FROM stopped`;

/**
 * Leases are in no index, which makes renewals cheap. So only the oldest finished rows are checked: they expire
 * first, and there are few at any time. A limit that the planner cannot know makes it follow the index. Binds: node,
 * lease in ms, limit.
 */
export const TAKE_UNANNOUNCED = `
  UPDATE generations SET node_id = $1, lease_expires_at = ${LEASE('$2::integer')}
  WHERE id = ANY(ARRAY(
    SELECT id FROM generations
    WHERE id = ANY(ARRAY(
      SELECT oldest.id FROM (
        SELECT id, lease_expires_at FROM generations WHERE state = 'finished' ORDER BY id LIMIT (SELECT 1000)
      ) oldest WHERE oldest.lease_expires_at < clock_timestamp()))
      AND state = 'finished' AND lease_expires_at < clock_timestamp()
    ORDER BY id LIMIT $3::integer FOR UPDATE SKIP LOCKED))
  RETURNING id AS "generationId", message_id AS "messageId",
    (SELECT m.traceparent FROM messages m WHERE m.id = message_id) AS trace`;

/** Binds: generations. */
export const DELETE = `DELETE FROM generations WHERE id = ANY($1::bigint[]) AND state = 'finished'`;
