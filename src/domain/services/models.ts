import { ModelCatalog } from '../answers/model/model-catalog.js';
import { ModelCheck } from '../answers/model/model-check.js';
import { ModelRouter } from '../answers/model/model-router.js';
import { PacedProvider } from '../answers/model/paced-provider.js';
import type { ServiceDeps, ServiceSettings } from '../service-options.js';

export type Models = Pick<ReturnType<typeof createModels>, 'provider' | 'models'>;

/** The model servers behind one name each, and what is known of their models. */
export function createModels(deps: ServiceDeps, { model }: Pick<ServiceSettings, 'model'>) {
  const { db, engine, logger } = deps;
  const servers = deps.servers.map(({ provider, limits, line }) => {
    const pace = line === null ? engine.pace : engine.paceOf(line);
    return new PacedProvider({ ...deps, provider, pace }, limits);
  });
  const provider = new ModelRouter(servers, logger);
  const models = new ModelCatalog(provider.models(), model.model, servers.length === 1);
  const serverOf = (name: string) => provider.serverOf(name);
  return { provider, models, modelCheck: new ModelCheck({ db, models, serverOf }) };
}
