import type { Webhook } from '../../../contract/webhooks.js';
import type { WebhookRepository } from '../../../ports/repositories/webhook-repository.js';
import type { Sql } from '../sql/sql.js';
import { times } from '../sql/time-columns.js';

/** Binds: id, user, url, host, events, secret, most. */
const CREATE = `
  WITH w AS (
    INSERT INTO webhooks (id, user_id, url, host, events, secret)
    SELECT $1, $2, $3, $4, $5::text[], $6 WHERE (SELECT count(*) FROM webhooks WHERE user_id = $2) < $7
    RETURNING *
  )
  SELECT w.id, w.url, w.events, ${times('w.created_at')} FROM w`;

const LIST_WEBHOOKS = `
  SELECT w.id, w.url, w.events, ${times('w.created_at')},
    CASE WHEN w.last_at IS NOT NULL THEN json_build_object(
      'at', l.last_at, 'ok', w.last_ok, 'status', w.last_status) END AS last_delivery
  FROM webhooks w CROSS JOIN LATERAL (SELECT ${times('w.last_at')}) l
  WHERE w.user_id = $1 ORDER BY w.created_at DESC, w.id LIMIT $2`;

export const createWebhookRepository = (sql: Sql): WebhookRepository => ({
  create: ({ id, userId, url, host, events, secret }, most) =>
    sql.one<Omit<Webhook, 'last_delivery'>>(CREATE, [id, userId, url, host, events, secret, most]),

  list: (userId, most) => sql.rows<Webhook>(LIST_WEBHOOKS, [userId, most]),

  remove: async (userId, id) =>
    (await sql.run('DELETE FROM webhooks WHERE id = $1 AND user_id = $2', [id, userId])) > 0,
});
