import type { ServiceDeps, ServiceSettings } from '../service-options.js';
import { Outbox } from '../webhooks/outbox.js';
import { WebhookService } from '../webhooks/webhook-service.js';

export function createWebhooks(
  deps: ServiceDeps,
  { installation }: Pick<ServiceSettings, 'installation'>,
) {
  const { db, logger, telemetry, tracing, now, webhookSender: sender } = deps;
  const { presence } = deps.engine;
  return {
    webhooks: new WebhookService({ db, sender }),
    outbox: new Outbox({ db, logger, telemetry, tracing, installation, now, presence, sender }),
  };
}
