import { readFileSync } from 'node:fs';
import Joi from 'joi';
import { parse } from 'yaml';
import { LIMITS } from '../contract/limits.js';
import type { Price } from '../contract/rest.js';
import { parseBaseUrl, parseKey } from './model-server.js';

export interface ModelSetup {
  id: string;
  /** The server's name for the model. */
  upstreamId: string;
  name: string;
  aliases: string[];
  contextWindow: number | null;
  maxOutput: number | null;
  vision: boolean;
  reasoning: boolean;
  price: Price | null;
  /** Ids of models that are asked instead, in this order, if it fails before its first text. */
  fallback: string[];
  /** The model's server leaves the reasoning in the text, as `<think>…</think>` at the beginning. */
  thinkTags: boolean;
}

/** One model server. */
export interface ProviderSetup {
  name: string;
  baseUrl: string;
  /** Null: it needs none. */
  apiKey: string | null;
  /** The server's limits for all nodes together; 0: none. */
  requestsPerMinute: number;
  tokensPerMinute: number;
  models: ModelSetup[];
}

const MOST_PROVIDERS = 100;
const MOST_MODELS = 200;
const MOST_BYTES = 1_048_576;

const modelName = () =>
  Joi.string()
    .max(LIMITS.modelChars)
    .pattern(/^[^\p{C},\s](?:[^\p{C},]*[^\p{C},\s])?$/u, 'name');
const tokens = () => Joi.number().integer().min(1).max(1_000_000_000);
const perMinute = (max: number) => Joi.number().integer().min(0).max(max).default(0);
const names = (max: number) => Joi.array().items(modelName()).max(max).default([]);
const amount = () => Joi.number().min(0).max(1_000_000).required();

const price = Joi.object({
  input: amount(),
  output: amount(),
  currency: Joi.string()
    .pattern(/^[A-Z]{3}$/, 'currency, such as USD')
    .required(),
});

const model = Joi.object({
  id: modelName().required(),
  upstream_id: Joi.string().max(LIMITS.modelChars),
  name: Joi.string().max(LIMITS.modelChars),
  aliases: names(20),
  context_window: tokens().default(null),
  max_output: tokens().max(LIMITS.maxTokens).default(null),
  vision: Joi.boolean().default(false),
  reasoning: Joi.boolean().default(false),
  price: price.default(null),
  fallback: names(5),
  think_tags: Joi.boolean().default(false),
});

const provider = Joi.object({
  name: Joi.string()
    .pattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'name of letters, digits, ".", "_" and "-"')
    .required(),
  base_url: Joi.string().required(),
  api_key_env: Joi.string().pattern(/^[A-Za-z_]\w*$/, 'name of a variable'),
  rpm: perMinute(10_000_000),
  tpm: perMinute(1_000_000_000),
  models: Joi.array().items(model).min(1).max(MOST_MODELS).required(),
});

const file = Joi.object({
  providers: Joi.array().items(provider).min(1).max(MOST_PROVIDERS).unique('name').required(),
})
  .required()
  .label('the file')
  .prefs({ abortEarly: false, convert: false, errors: { wrap: { label: false } } });

interface GivenModel
  extends Omit<ModelSetup, 'upstreamId' | 'contextWindow' | 'maxOutput' | 'thinkTags'> {
  upstream_id?: string;
  context_window: number | null;
  max_output: number | null;
  think_tags: boolean;
}

interface GivenProvider {
  name: string;
  base_url: string;
  api_key_env?: string;
  rpm: number;
  tpm: number;
  models: GivenModel[];
}

const MOST_TOLD = 10;

/**
 * `others` are models of another server, which may be fallbacks too.
 * @throws Error that names every problem, up to ten, and where it is
 */
export function readProvidersFile(
  path: string,
  variable: (name: string) => string,
  others: readonly string[] = [],
): ProviderSetup[] {
  const { value, error } = file.validate(parseText(read(path)));
  if (error) fail(error.details.map(({ message }) => message));
  const given: GivenProvider[] = value.providers;
  const problems = [...namesTwice(given), ...unknownFallbacks(given, others)];
  const providers = given.map((each, i) => toSetup(each, `providers[${i}]`, variable, problems));
  if (problems.length > 0) fail(problems);
  return providers;
}

function fail(problems: readonly string[]): never {
  const more = problems.length - MOST_TOLD;
  const told = problems.slice(0, MOST_TOLD).join('; ');
  throw new Error(more > 0 ? `${told}; and ${more} more` : told);
}

function read(path: string): string {
  try {
    const bytes = readFileSync(path);
    if (bytes.length <= MOST_BYTES) return bytes.toString('utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new Error(`expected a file that can be read (${reason})`);
  }
  throw new Error(`expected a file of at most ${MOST_BYTES} bytes`);
}

/** YAML, of which JSON is a part. Texts of the file are not quoted: they might be secrets. */
function parseText(text: string): unknown {
  try {
    return parse(text, { logLevel: 'error' });
  } catch (error) {
    const line = /at line (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    throw new Error(`expected YAML or JSON${line ? `, see line ${line}` : ''}`);
  }
}

function namesTwice(providers: readonly GivenProvider[]): string[] {
  const seen = new Set<string>();
  const all = providers.flatMap(({ models }) =>
    models.flatMap(({ id, aliases }) => [id, ...aliases]),
  );
  return all.flatMap((name) => {
    if (seen.has(name)) return [`the model name ${name} is used twice`];
    seen.add(name);
    return [];
  });
}

function unknownFallbacks(
  providers: readonly GivenProvider[],
  others: readonly string[],
): string[] {
  const models = providers.flatMap(({ models }) => models);
  const ids = new Set([...models.map(({ id }) => id), ...others]);
  return models.flatMap(({ id, fallback }) =>
    fallback
      .filter((other) => other === id || !ids.has(other))
      .map((other) => `the fallback ${other} of ${id} is not the id of another model`),
  );
}

function toSetup(
  given: GivenProvider,
  place: string,
  variable: (name: string) => string,
  problems: string[],
): ProviderSetup {
  const attempt = <T>(name: string, work: () => T): T | null => {
    try {
      return work();
    } catch (error) {
      problems.push(`${place}.${name}: ${error instanceof Error ? error.message : error}`);
      return null;
    }
  };
  const { api_key_env: keyName } = given;
  return {
    name: given.name,
    baseUrl: attempt('base_url', () => parseBaseUrl(given.base_url)) ?? '',
    apiKey: keyName ? attempt('api_key_env', () => keyOf(variable(keyName), keyName)) : null,
    requestsPerMinute: given.rpm,
    tokensPerMinute: given.tpm,
    models: given.models.map(toModel),
  };
}

function keyOf(text: string, name: string): string {
  if (text === '') throw new Error(`the variable ${name} is not set`);
  return parseKey(text);
}

const toModel = ({
  upstream_id,
  context_window,
  max_output,
  think_tags,
  ...rest
}: GivenModel): ModelSetup => ({
  ...rest,
  name: rest.name ?? rest.id,
  upstreamId: upstream_id ?? rest.id,
  contextWindow: context_window,
  maxOutput: max_output,
  thinkTags: think_tags,
});
