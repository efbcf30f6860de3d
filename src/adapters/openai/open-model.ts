import type { Logger } from 'pino';
import type { ProviderSetup } from '../../config/providers-file.js';
import type { PaceLimits } from '../../ports/model-pace.js';
import type { ModelServer } from '../../ports/model-server.js';
import { startDemoModel } from './demo/server.js';
import { createOpenAIProvider, type ModelOptions, type OpenAIProviderOptions } from './provider.js';

export interface OpenModels {
  /** At least one. */
  servers: ModelServer[];
  close(): Promise<void>;
}

export interface ModelServerOptions extends OpenAIProviderOptions, PaceLimits {
  /** Empty: the variables name no server. */
  models: readonly string[];
  servers: readonly ProviderSetup[];
}

type Close = () => Promise<void>;

/** The configured model servers, that of the variables first. */
export async function openModels(options: ModelServerOptions, logger: Logger): Promise<OpenModels> {
  const closing: Close[] = [];
  const open = (given: OpenAIProviderOptions, limits: PaceLimits, line: string | null) => {
    const provider = createOpenAIProvider(given);
    closing.push(() => provider.stop());
    return { provider, limits, line };
  };
  const { defaultModel: _, ...times } = options;
  const servers: ModelServer[] = [];
  if (options.models.length > 0) {
    const given = await withDemo(options, logger, closing);
    servers.push(open(given, options, null));
  }
  for (const setup of options.servers) {
    servers.push(open({ ...times, ...toOptions(setup) }, setup, setup.name));
  }
  const close = async () => {
    for (const each of closing.splice(0).reverse()) await each();
  };
  return { servers, close };
}

/** Adds the demo model if there is neither key nor address. It is called like any other. */
async function withDemo(
  options: OpenAIProviderOptions,
  logger: Logger,
  closing: Close[],
): Promise<OpenAIProviderOptions> {
  if (options.apiKey !== null || options.baseUrl !== null) return options;
  const demo = await startDemoModel();
  closing.push(() => demo.stop());
  logger.warn(
    { url: demo.url },
    'no OPENAI_API_KEY or OPENAI_BASE_URL: answers come from the built-in demo model',
  );
  return { ...options, baseUrl: demo.url, name: 'demo' };
}

function toOptions({ name, baseUrl, apiKey, models }: ProviderSetup) {
  const toModel = ({
    contextWindow: context_window,
    maxOutput: max_output,
    ...model
  }: ProviderSetup['models'][number]): ModelOptions => ({ ...model, context_window, max_output });
  return { name, baseUrl, apiKey, models: models.map(toModel) };
}
