import { LIMITS } from '../contract/limits.js';
import type { EnvReader } from './env-reader.js';
import type { VariableName } from './table.js';

/** Paths that the SDK adds by itself. */
const ENDPOINT = /\/(chat\/completions|completions|responses|embeddings|messages|models)\/*$/;

const expected = (what: string) => new Error(`expected ${what}`);

/** The URL without a trailing slash. @throws Error that says what is expected, without the value */
export function parseBaseUrl(text: string): string {
  if (!/^https?:\/\/[^\s\\/][^\s\\]*$/i.test(text) || !URL.canParse(text))
    throw expected('http(s)://host/v1');
  const { origin, pathname, username, password } = new URL(text);
  if (username !== '' || password !== '') {
    throw expected('no user or password in it: the key goes into OPENAI_API_KEY');
  }
  if (/[?#]/.test(text)) throw expected('no ? and no #: parameters would not be sent');
  if (ENDPOINT.test(pathname))
    throw expected('http(s)://host/v1, without the path of a call behind it');
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

function parseKey(text: string): string {
  if (/^[!-~]+$/.test(text)) return text;
  throw expected('ASCII characters without blanks');
}

function checkNames(read: EnvReader, name: VariableName, models: readonly string[]): void {
  const isName = (model: string) =>
    model.length <= LIMITS.modelChars && /^[^\p{C},]+$/u.test(model);
  if (models.every(isName)) return;
  read.problem(name, `model names of at most ${LIMITS.modelChars} characters, and without commas`);
}

/** The model server, and the models it offers. */
export function readModels(read: EnvReader) {
  const apiKey = read.parsed('OPENAI_API_KEY', parseKey);
  const baseUrl = read.parsed('OPENAI_BASE_URL', parseBaseUrl);
  const fallback = apiKey === null && baseUrl === null ? 'parley-demo' : 'gpt-4o-mini';
  const defaultModel = read.text('OPENAI_MODEL') || fallback;
  const others = read.list('OPENAI_MODELS');
  checkNames(read, 'OPENAI_MODEL', [defaultModel]);
  checkNames(read, 'OPENAI_MODELS', others);
  return { apiKey, baseUrl, defaultModel, models: [...new Set([defaultModel, ...others])] };
}
