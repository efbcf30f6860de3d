import { OwedCharges } from './limits/owed-charges.js';
import type { ServiceDeps, ServiceSettings } from './service-options.js';
import { createAccess, createAccounts } from './services/accounts.js';
import { createAnswers } from './services/answers.js';
import { createCompletions } from './services/completions.js';
import { createConversations } from './services/conversations.js';
import { createModels } from './services/models.js';
import { createWebhooks } from './services/webhooks.js';

export type Services = ReturnType<typeof createServices>;

/** All services of the product, wired once for every transport. */
export function createServices(deps: ServiceDeps, settings: ServiceSettings) {
  const { provider, ...models } = createModels(deps, settings);
  const access = createAccess(deps, settings);
  const accounts = createAccounts(deps, models.models, settings);
  const webhooks = createWebhooks(deps, settings);
  const owed = new OwedCharges(deps.db.usage, deps.logger);
  const shared = { ...deps, provider, models: models.models, owed };
  const conversations = createConversations(shared, settings);
  const { watch, given, ...answers } = createAnswers(
    { ...shared, ...accounts, ...webhooks, ...conversations },
    settings,
  );
  const completions = createCompletions({ ...shared, ...answers, watch, given }, settings);
  return {
    owed,
    ...models,
    ...access,
    ...accounts,
    ...webhooks,
    ...conversations,
    ...answers,
    ...completions,
  };
}
