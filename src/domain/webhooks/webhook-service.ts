import { randomUUID } from 'node:crypto';
import { LIMITS } from '../../contract/limits.js';
import type { NewWebhook, Webhook, WebhookBody } from '../../contract/webhooks.js';
import { conflict, invalid, notFound } from '../../entities/errors.js';
import type { Database } from '../../ports/repositories/repositories.js';
import type { WebhookSender } from '../../ports/webhook-sender.js';
import { record, type UserActor } from '../rights/actor.js';
import { holdOwner } from '../rights/held-actor.js';
import { makeSecret } from './signature.js';

export interface WebhookServiceDeps {
  db: Database;
  sender: Pick<WebhookSender, 'refusal'>;
}

/** The addresses that are told of a user's answers. */
export class WebhookService {
  readonly #deps: WebhookServiceDeps;

  constructor(deps: WebhookServiceDeps) {
    this.#deps = deps;
  }

  /** Newest first. */
  list(userId: number): Promise<Webhook[]> {
    return this.#deps.db.webhooks.list(userId, LIMITS.webhooks);
  }

  /** The secret is returned once. @throws AppError `conflict` if the user has too many, `validation_failed` */
  async create(actor: UserActor, { url, events }: WebhookBody): Promise<NewWebhook> {
    const { db, sender } = this.#deps;
    const refusal = await sender.refusal(url);
    if (refusal) throw invalid({ path: 'url', code: refusal });
    const { userId } = actor;
    const secret = makeSecret();
    const wanted = { id: randomUUID(), userId, url, host: new URL(url).host, events, secret };
    return db.transaction(async (tx) => {
      await holdOwner(tx, actor);
      const made = await tx.webhooks.create(wanted, LIMITS.webhooks);
      if (!made) throw conflict();
      await record(tx.audit, actor, 'webhook_created', userId, { webhook: made.id, events });
      return { ...made, secret };
    });
  }

  /** Nothing more is sent to it. @throws AppError `not_found`, also for those of others */
  async remove(actor: UserActor, id: string): Promise<void> {
    await this.#deps.db.transaction(async (tx) => {
      await holdOwner(tx, actor);
      if (!(await tx.webhooks.remove(actor.userId, id))) throw notFound();
      await record(tx.audit, actor, 'webhook_deleted', actor.userId, { webhook: id });
    });
  }
}
