import type { Delivery } from '../../ports/repositories/outbox-repository.js';
import type { Database } from '../../ports/repositories/repositories.js';
import type { Telemetry } from '../../ports/telemetry.js';
import type { Tracing } from '../../ports/tracing.js';
import type { Reply, WebhookSender } from '../../ports/webhook-sender.js';
import type { Logger } from '../logger.js';
import { record } from '../rights/actor.js';
import { backOffMs, GIVE_UP_MS } from './back-off.js';
import { signedHeaders } from './signature.js';

export interface InstallationHook {
  url: string;
  secret: string;
}

export interface DelivererDeps {
  db: Database;
  sender: Pick<WebhookSender, 'post'>;
  /** Null: the installation has no webhook. */
  installation: InstallationHook | null;
  /** The common clock of all nodes, in ms since the epoch. */
  now(): number;
  logger: Logger;
  telemetry: Telemetry;
  tracing: Pick<Tracing, 'webhook'>;
}

const GONE = 410;
const NOBODY = { userId: null, sessionId: null, ip: '', userAgent: '' };

const isSuccess = ({ status }: Reply): boolean => status !== null && status >= 200 && status < 300;

/** The second stage of the outbox: one try of one delivery. */
export class Deliverer {
  #deps: DelivererDeps;

  constructor(deps: DelivererDeps) {
    this.#deps = deps;
  }

  /** Resolves to false if it was aborted, and nothing is known. @throws if the store does not accept the result */
  async try(delivery: Delivery, signal: AbortSignal): Promise<boolean> {
    const { db, telemetry } = this.#deps;
    const hook = this.#hookOf(delivery);
    if (!delivery.allowed || !hook) {
      telemetry.webhook({ result: 'dropped' });
      await db.outbox.settle(delivery, null);
      return true;
    }
    const reply = await this.#post(delivery, hook, signal);
    if (reply.status === null && signal.aborted) return false;
    await this.#record(delivery, reply);
    return true;
  }

  #hookOf({ webhookId, url, secret }: Delivery): InstallationHook | null {
    if (webhookId === null) return this.#deps.installation;
    return url !== null && secret !== null ? { url, secret } : null;
  }

  /** The receiver may be a stranger's, so it learns nothing of the trace. */
  async #post(
    { id, body, tries, trace }: Delivery,
    { url, secret }: InstallationHook,
    signal: AbortSignal,
  ): Promise<Reply> {
    const { sender, now, tracing } = this.#deps;
    const headers = signedHeaders({ id: `msg_${id}`, body, secret, now: now() });
    const span = trace === null ? null : tracing.webhook(trace, { attempt: tries + 1 });
    const reply = await sender.post({ url, headers, body, signal });
    span?.end(reply);
    return reply;
  }

  async #record(delivery: Delivery, reply: Reply): Promise<void> {
    const { db, logger, telemetry } = this.#deps;
    const { status, problem } = reply;
    const fields = { webhook: delivery.webhookId, host: delivery.host, status, problem };
    if (isSuccess(reply)) {
      telemetry.webhook({ result: 'delivered' });
      return db.outbox.settle(delivery, { ok: true, status });
    }
    if (status === GONE) {
      telemetry.webhook({ result: 'gone' });
      logger.warn(fields, 'webhook receiver is gone');
      return this.#forget(delivery);
    }
    const delayMs = Math.max(backOffMs(delivery.tries + 1), reply.retryAfterMs ?? 0);
    const isOver = delivery.ageMs + delayMs > GIVE_UP_MS;
    telemetry.webhook({ result: isOver ? 'given_up' : 'failed' });
    if (isOver) {
      logger.warn({ ...fields, tries: delivery.tries + 1 }, 'webhook delivery given up');
      return db.outbox.settle(delivery, { ok: false, status });
    }
    logger.info(
      { ...fields, delayMs: Math.round(delayMs) },
      'webhook delivery failed, will try again',
    );
    return db.outbox.postpone(delivery, { ok: false, status }, delayMs);
  }

  /**
   * The receiver of a user's webhook has ended it. That of the installation is a setting, so only the delivery ends.
   */
  async #forget(delivery: Delivery): Promise<void> {
    const { db } = this.#deps;
    const { webhookId, userId } = delivery;
    if (webhookId === null) return db.outbox.settle(delivery, null);
    await db.transaction(async (tx) => {
      if (!(await tx.webhooks.remove(userId, webhookId))) return;
      await record(tx.audit, NOBODY, 'webhook_deleted', userId, { webhook: webhookId, gone: true });
    });
  }
}
