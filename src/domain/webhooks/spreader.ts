import { LIMITS } from '../../contract/limits.js';
import type { WebhookPayload } from '../../contract/webhooks.js';
import type { Presence } from '../../ports/presence.js';
import type {
  DeliveryToStore,
  Notification,
  OutboxRepository,
} from '../../ports/repositories/outbox-repository.js';
import type { Telemetry } from '../../ports/telemetry.js';
import type { Logger } from '../logger.js';
import { chooseReceivers } from './receivers.js';

export interface SpreaderDeps {
  outbox: OutboxRepository;
  presence: Pick<Presence, 'everywhere'>;
  logger: Logger;
  telemetry: Telemetry;
}

const AT_ONCE = 8;
/** Deliveries wait no longer than this takes, however many notifications come meanwhile. */
const MOST_ROUNDS = 16;
/** A node that dies leaves its claims to others after this. */
const LEASE_MS = 10_000;
/** Deliveries that wait for the webhook of the installation. */
const MOST_OF_INSTALLATION = 100_000;
const MOST = { perUser: LIMITS.waitingDeliveries, installation: MOST_OF_INSTALLATION };

/** The first stage of the outbox: makes a delivery of each notification for each webhook, once. */
export class Spreader {
  #deps: SpreaderDeps;

  constructor(deps: SpreaderDeps) {
    this.#deps = deps;
  }

  /**
   * Works until nothing is left to take, or for as many rounds as a turn has. Notifications that fail stay, and are
   * taken again after their lease. Resolves to whether there may be more.
   * @throws the first failure, when all others of the turn have been spread
   */
  async run(signal: AbortSignal): Promise<boolean> {
    let failed: PromiseRejectedResult | undefined;
    let isMore = true;
    for (let round = 0; round < MOST_ROUNDS && isMore && !signal.aborted; round++) {
      const taken = await this.#deps.outbox.take(AT_ONCE, LEASE_MS);
      const ends = await Promise.allSettled(taken.map((one) => this.#spread(one)));
      failed ??= ends.find((end) => end.status === 'rejected');
      isMore = taken.length === AT_ONCE;
    }
    if (failed) throw failed.reason;
    return isMore;
  }

  async #spread(notification: Notification): Promise<void> {
    const { outbox, logger, telemetry } = this.#deps;
    const deliveries = await this.#deliveries(notification);
    const stored = await outbox.spread(notification, deliveries, MOST);
    const { messageId } = notification;
    if (stored < deliveries.length)
      logger.warn({ messageId, dropped: deliveries.length - stored }, 'webhook deliveries dropped');
    for (let i = stored; i < deliveries.length; i++) telemetry.webhook({ result: 'dropped' });
  }

  async #deliveries(notification: Notification): Promise<DeliveryToStore[]> {
    const { outbox, presence } = this.#deps;
    const audience = await outbox.audience(notification);
    if (!audience) return [];
    const { question, receivers } = audience;
    const told = await chooseReceivers(notification, question, receivers, presence);
    const { userId, installation } = notification;
    const all = installation ? [...told, { webhookId: null, userId }] : told;
    return all.map((one) => ({
      webhookId: one.webhookId,
      userId: one.userId,
      body: bodyFor(notification, one.userId),
    }));
  }
}

function bodyFor(notification: Notification, userId: number): string {
  const { event, createdAt, conversationId, messageId, data } = notification;
  const { status, finish_reason, model, usage, error } = data;
  const payload: WebhookPayload = {
    type: event,
    timestamp: createdAt.toISOString(),
    data: {
      conversation_id: conversationId,
      message_id: messageId,
      user_id: userId,
      ...{ status, finish_reason, model, usage, error },
    },
  };
  return JSON.stringify(payload);
}
