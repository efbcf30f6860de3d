import { LIMITS } from '../contract/limits.js';
import type { EnvReader } from './env-reader.js';
import { parseBaseUrl, parseKey } from './model-server.js';
import { type ProviderSetup, readProvidersFile } from './providers-file.js';
import type { VariableName } from './table.js';

function checkNames(read: EnvReader, name: VariableName, models: readonly string[]): void {
  const isName = (model: string) =>
    model.length <= LIMITS.modelChars && /^[^\p{C},]+$/u.test(model);
  if (models.every(isName)) return;
  read.problem(name, `model names of at most ${LIMITS.modelChars} characters, and without commas`);
}

const DEFAULT_MODEL = 'gpt-4o-mini';

export interface ProviderSettings {
  /** Key of the server that the variables name. Null together with `baseUrl`: the demo model, if `models` has any. */
  apiKey: string | null;
  baseUrl: string | null;
  /** Empty: the variables name no server, and the file does. */
  models: string[];
  defaultModel: string;
  /** The servers of the file, in its order. */
  servers: ProviderSetup[];
}

/** The model servers, and the models that they offer. That of the variables comes first. */
export function readModels(read: EnvReader): ProviderSettings {
  const apiKey = read.parsed('OPENAI_API_KEY', parseKey);
  const baseUrl = read.parsed('OPENAI_BASE_URL', parseBaseUrl);
  const wish = read.text('OPENAI_MODEL');
  const others = read.list('OPENAI_MODELS');
  checkNames(read, 'OPENAI_MODEL', [wish || 'unset']);
  checkNames(read, 'OPENAI_MODELS', others);
  const isNamed = apiKey !== null || baseUrl !== null;
  const named = isNamed ? [wish || DEFAULT_MODEL, ...others] : [];
  const file = (path: string) => readProvidersFile(path, (name) => read.other(name), named);
  const servers = read.parsed('PROVIDERS_FILE', file) ?? [];
  if (servers.length > 0 && !isNamed) {
    return { apiKey, baseUrl, models: [], defaultModel: ofFile(read, servers, wish), servers };
  }
  const defaultModel = wish || (isNamed ? DEFAULT_MODEL : 'parley-demo');
  return {
    ...{ apiKey, baseUrl, defaultModel, servers },
    models: [...new Set([defaultModel, ...others])],
  };
}

/** The first model, unless a variable names another one. */
function ofFile(read: EnvReader, providers: readonly ProviderSetup[], wish: string): string {
  const models = providers.flatMap((provider) => provider.models);
  if (wish === '') return models[0]?.id ?? '';
  const found = models.find(({ id, aliases }) => id === wish || aliases.includes(wish));
  if (!found) read.problem('OPENAI_MODEL', 'a model of PROVIDERS_FILE');
  return found?.id ?? wish;
}

/** The model's titles of conversations. The demo model gives none. */
export function readTitles(read: EnvReader, { apiKey, baseUrl, servers }: ProviderSettings) {
  const isDemo = apiKey === null && baseUrl === null && servers.length === 0;
  const titleModel = read.text('TITLE_MODEL') || null;
  checkNames(read, 'TITLE_MODEL', titleModel === null ? [] : [titleModel]);
  return { titleModel, autoTitle: read.boolean('AUTO_TITLE', true) && !isDemo };
}
