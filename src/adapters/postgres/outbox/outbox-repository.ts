import type {
  Audience,
  Delivery,
  Notification,
  OutboxRepository,
  Receiver,
} from '../../../ports/repositories/outbox-repository.js';
import type { Sql } from '../sql/sql.js';
import * as statements from './outbox-statements.js';

async function audience(
  sql: Sql,
  {
    conversationId,
    messageId,
    event,
  }: Pick<Notification, 'conversationId' | 'messageId' | 'event'>,
): Promise<Audience> {
  const found = await sql.one<{ question: string }>(statements.QUESTION, [
    conversationId,
    messageId,
  ]);
  if (!found) return null;
  return {
    ...found,
    receivers: await sql.rows<Receiver>(statements.RECEIVERS, [conversationId, event]),
  };
}

export const createOutboxRepository = (sql: Sql): OutboxRepository => ({
  take: (limit, leaseMs) => sql.rows<Notification>(statements.TAKE, [limit, leaseMs]),

  audience: (notification) => audience(sql, notification),

  spread: ({ id, claim }, deliveries, { perUser, installation }) =>
    sql.run(statements.SPREAD, [
      ...[id, claim],
      deliveries.map(({ webhookId }) => webhookId),
      deliveries.map(({ userId }) => userId),
      deliveries.map(({ body }) => body),
      ...[perUser, installation],
    ]),

  claim: ({ room, weakRoom, perHost, underWay, leaseMs, installationHost }) =>
    sql.rows<Delivery>(statements.CLAIM, [
      ...[room, weakRoom, perHost],
      [...underWay.keys()],
      [...underWay.values()],
      ...[leaseMs, installationHost],
    ]),

  async settle({ id, claim, webhookId }, tried) {
    // Two steps, so that nobody waits for a webhook while holding a delivery: whoever deletes both locks them in the
    // other order.
    if (webhookId !== null && tried)
      await sql.run(statements.TRIED, [webhookId, tried.ok, tried.status]);
    await sql.run(statements.SETTLE, [id, claim]);
  },

  async postpone({ id, claim, webhookId }, { ok, status }, delayMs) {
    if (webhookId !== null) await sql.run(statements.TRIED, [webhookId, ok, status]);
    await sql.run(statements.POSTPONE, [id, claim, Math.round(delayMs)]);
  },

  async handBack(deliveries) {
    const ids = deliveries.map(({ id }) => id);
    await sql.run(statements.HAND_BACK, [ids, deliveries.map(({ claim }) => claim)]);
  },

  async prune(rows) {
    const counts: number[] = [];
    for (const prune of statements.PRUNE) counts.push(await sql.run(prune, [rows]));
    return Math.max(...counts);
  },
});
