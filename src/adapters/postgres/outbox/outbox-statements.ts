import { LEASE } from '../sql/lease.js';

/** Users who may hear of conversation `conversation`, as rows of `u`. Disabled and deleted ones may not. */
const MAY_READ = `
  u.is_active AND u.deleted_at IS NULL AND EXISTS (
    SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id
    WHERE ur.user_id = u.id AND (r.name = 'admin' OR 'conversations:read' = ANY (r.permissions)))`;

/** Binds: limit, lease in ms. */
export const TAKE = `
  WITH due AS (
    SELECT id FROM notifications WHERE due_at <= clock_timestamp() ORDER BY id LIMIT $1::integer FOR UPDATE SKIP LOCKED
  )
  UPDATE notifications n SET claim = gen_random_uuid(), due_at = ${LEASE('$2::integer')}
  FROM due WHERE n.id = due.id
  RETURNING n.id, n.claim, n.event, n.conversation_id AS "conversationId", n.message_id AS "messageId",
    n.user_id AS "userId", n.installation, n.data, n.created_at AS "createdAt"`;

/** Binds: conversation, message. */
export const QUESTION = `
  SELECT coalesce(q.content, '') AS question
  FROM messages a JOIN conversations c ON c.id = a.conversation_id
  LEFT JOIN messages q ON q.id = a.parent_id AND q.conversation_id = a.conversation_id
  WHERE a.conversation_id = $1 AND a.id = $2 AND a.deleted_at IS NULL AND c.deleted_at IS NULL`;

/** Binds: conversation, event. */
export const RECEIVERS = `
  SELECT u.id AS "userId", u.username, w.id AS "webhookId"
  FROM conversation_members cm JOIN users u ON u.id = cm.user_id JOIN webhooks w ON w.user_id = u.id
  WHERE cm.conversation_id = $1 AND $2 = ANY (w.events) AND ${MAY_READ}
  ORDER BY w.created_at, w.id`;

/**
 * Webhooks that are being deleted meanwhile get nothing. Binds: notification, claim, webhooks, users, bodies, most,
 * most of the installation.
 */
export const SPREAD = `
  WITH told AS (
    DELETE FROM notifications WHERE id = $1 AND claim = $2 RETURNING conversation_id, message_id, traceparent
  ), wanted AS (
    SELECT * FROM unnest($3::uuid[], $4::bigint[], $5::text[]) AS d (webhook_id, user_id, body)
  ), there AS (
    SELECT id FROM webhooks WHERE id IN (SELECT webhook_id FROM wanted) ORDER BY id FOR KEY SHARE
  )
  INSERT INTO webhook_deliveries (webhook_id, user_id, conversation_id, message_id, body, traceparent)
  SELECT d.webhook_id, d.user_id, t.conversation_id, t.message_id, d.body, t.traceparent
  FROM told t CROSS JOIN wanted d
  WHERE CASE WHEN d.webhook_id IS NULL
    THEN (SELECT count(*) FROM (SELECT FROM webhook_deliveries o WHERE o.webhook_id IS NULL LIMIT $7::integer) o) < $7
    ELSE d.webhook_id IN (SELECT id FROM there)
      AND (SELECT count(*) FROM (
        SELECT FROM webhook_deliveries o WHERE o.user_id = d.user_id AND o.webhook_id IS NOT NULL LIMIT $6::integer) o) < $6 END`;

/** Deliveries that are looked at for a claim. */
const CANDIDATES = 200;
/**
 * The number of these that may belong to one webhook. It is larger than the limit of a host, because other nodes may
 * hold the first ones.
 */
const OF_ONE = '4 * $3::integer';

/** Deliveries of `d` that are due, and failed ones only if there is room for any. */
const IS_DUE = 'd.due_at <= clock_timestamp() AND ($2::integer > 0 OR d.attempts = 0)';

/**
 * Webhooks for which something waits are found one after the other in an index, so a claim does not read what waits
 * behind hosts that have enough requests under way. Binds: room, room for weak ones, most of a host, hosts, their
 * requests under way, lease in ms, host of the installation.
 */
export const CLAIM = `
  WITH RECURSIVE waiting AS (
    (SELECT webhook_id FROM webhook_deliveries WHERE webhook_id IS NOT NULL ORDER BY webhook_id LIMIT 1)
    UNION ALL
    SELECT n.webhook_id FROM waiting CROSS JOIN LATERAL (
      SELECT d.webhook_id FROM webhook_deliveries d WHERE d.webhook_id > waiting.webhook_id
      ORDER BY d.webhook_id LIMIT 1) n
  ), busy AS (
    SELECT * FROM unnest($4::text[], $5::integer[]) AS b (host, count)
  ), full_hosts AS (
    SELECT host FROM busy WHERE count >= $3::integer
  ), found AS (
    SELECT n.id, w.host, w.last_ok IS FALSE AS failing, n.due_at
    FROM waiting JOIN webhooks w ON w.id = waiting.webhook_id CROSS JOIN LATERAL (
      SELECT d.id, d.due_at FROM webhook_deliveries d WHERE d.webhook_id = w.id AND ${IS_DUE}
      ORDER BY d.webhook_id, d.due_at LIMIT ${OF_ONE}) n
    WHERE w.host NOT IN (SELECT host FROM full_hosts) AND ($2::integer > 0 OR w.last_ok IS NOT FALSE)
    UNION ALL
    SELECT n.id, $7::text, false, n.due_at FROM (
      SELECT d.id, d.due_at FROM webhook_deliveries d WHERE d.webhook_id IS NULL AND ${IS_DUE}
        AND $7::text IS NOT NULL AND $7::text NOT IN (SELECT host FROM full_hosts)
      ORDER BY d.webhook_id, d.due_at LIMIT ${OF_ONE}) n
    ORDER BY due_at LIMIT ${CANDIDATES}
  ), due AS MATERIALIZED (
    SELECT d.id, d.due_at, found.host, d.attempts > 0 OR found.failing AS weak
    FROM webhook_deliveries d JOIN found ON found.id = d.id
    WHERE ${IS_DUE} FOR UPDATE OF d SKIP LOCKED
  ), ranked AS (
    SELECT due.*, row_number() OVER (PARTITION BY due.host ORDER BY due_at) + coalesce(b.count, 0) AS of_host
    FROM due LEFT JOIN busy b ON b.host = due.host
  ), fitting AS (
    SELECT ranked.*, row_number() OVER (PARTITION BY weak ORDER BY due_at) AS of_kind
    FROM ranked WHERE of_host <= $3::integer
  ), chosen AS (
    SELECT id, weak FROM fitting WHERE NOT weak OR of_kind <= $2::integer ORDER BY due_at LIMIT $1::integer
  ), claimed AS (
    UPDATE webhook_deliveries d SET claim = gen_random_uuid(), due_at = ${LEASE('$6::integer')}
    FROM chosen WHERE d.id = chosen.id RETURNING d.*, chosen.weak
  )
  SELECT c.id, c.claim, c.webhook_id AS "webhookId", c.user_id AS "userId", c.body, c.attempts AS tries, c.traceparent AS trace, c.weak IS TRUE AS "isWeak",
    (extract(epoch FROM clock_timestamp() - c.created_at) * 1000)::float8 AS "ageMs",
    coalesce(w.host, $7::text) AS host, w.url, w.secret,
    EXISTS (SELECT FROM messages m JOIN conversations v ON v.id = m.conversation_id
      WHERE m.id = c.message_id AND m.deleted_at IS NULL AND v.deleted_at IS NULL)
      AND (c.webhook_id IS NULL OR EXISTS (
        SELECT FROM users u JOIN conversation_members cm ON cm.user_id = u.id
        WHERE u.id = c.user_id AND cm.conversation_id = c.conversation_id AND ${MAY_READ})) AS allowed
  FROM claimed c LEFT JOIN webhooks w ON w.id = c.webhook_id ORDER BY c.created_at, c.id`;

/** Binds: webhook, whether it worked, status. */
export const TRIED = `
  UPDATE webhooks SET last_at = clock_timestamp(), last_ok = $2, last_status = $3 WHERE id = $1`;

export const SETTLE = 'DELETE FROM webhook_deliveries WHERE id = $1 AND claim = $2';

/** Binds: delivery, claim, ms. */
export const POSTPONE = `
  UPDATE webhook_deliveries SET attempts = attempts + 1, claim = NULL, due_at = ${LEASE('$3::integer')}
  WHERE id = $1 AND claim = $2`;

/** Binds: deliveries, claims. */
export const HAND_BACK = `
  UPDATE webhook_deliveries d SET claim = NULL, due_at = clock_timestamp()
  FROM unnest($1::uuid[], $2::uuid[]) AS held (id, claim) WHERE d.id = held.id AND d.claim = held.claim`;

const OLD = `created_at < clock_timestamp() - interval '25 hours'`;

/** Nodes that prune at the same time skip each other's rows. Binds: rows. */
export const PRUNE = ['notifications', 'webhook_deliveries'].map(
  (table) => `
  DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE ${OLD} LIMIT $1 FOR UPDATE SKIP LOCKED)`,
);
