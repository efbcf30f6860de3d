import { APIError } from 'openai';
import type { ModelFault } from '../../contract/admin.js';
import { LIMITS } from '../../contract/limits.js';
import { startOf } from '../../contract/text.js';
import { ProviderError } from '../../ports/completion-provider.js';

/** Texts for users. Nothing in them comes from the model server. */
const FAILURES = {
  credentials: ['provider_error', 'The model server refused the credentials of this service.'],
  not_found: ['provider_error', 'The model server does not know this model.'],
  refused: ['provider_error', 'The model server did not accept the request.'],
  too_long: ['provider_error', 'The conversation is too long for this model.'],
  reported: ['provider_error', 'The model server reported an error.'],
  broken: ['provider_error', 'The model server sent something that could not be understood.'],
  too_large: ['provider_error', 'The model server sent more at once than can be accepted.'],
  busy: ['provider_unavailable', 'The model server is too busy at the moment.'],
  failing: ['provider_unavailable', 'The model server has a problem at the moment.'],
  unreachable: ['provider_unavailable', 'The model server cannot be reached at the moment.'],
  lost: ['provider_unavailable', 'The connection to the model server was lost.'],
  no_answer: ['provider_unavailable', 'The model server did not answer in time.'],
  silent: ['provider_unavailable', 'The model server fell silent.'],
  too_slow: ['provider_unavailable', 'The answer took longer than is allowed.'],
} as const satisfies Record<ModelFault, readonly [ProviderError['code'], string]>;

/** `words`: the server's own, already redacted. */
export function failure(kind: ModelFault, cause?: unknown, words?: string): ProviderError {
  const [code, detail] = FAILURES[kind];
  return new ProviderError(code, detail, {
    ...{ fault: kind, ...(cause !== undefined && { cause }) },
    ...(words !== undefined && { words: bounded(words) }),
  });
}

/** A failure that quotes what the server sent. */
export const quoting = (kind: ModelFault, quoted: string): ProviderError =>
  failure(kind, new Error(quoted), quoted);

const bounded = (words: string): string => {
  const line = words.replace(/[\p{C}\s]+/gu, ' ').trim();
  return line.length > LIMITS.modelWordsChars
    ? `${startOf(line, LIMITS.modelWordsChars - 1)}…`
    : line;
};

/** Failure of a request that got no stream. */
export function requestFailure(error: unknown, redact: (text: string) => string): ProviderError {
  if (error instanceof ProviderError) return error;
  const cause = new Error(redact(describe(error)));
  return failure(kindOf(error), cause, redact(saidIn(error).slice(0, MAX_CHARS)));
}

/** The server's sentence, or what the network said instead. */
function saidIn(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return '';
  if (error instanceof APIError && error.status !== undefined) return error.message;
  return error.cause === undefined || depth === 4 ? error.message : saidIn(error.cause, depth + 1);
}

function kindOf(error: unknown): ModelFault {
  if (!(error instanceof APIError)) return 'unreachable';
  const { status } = error;
  if (status === undefined) return 'unreachable';
  if (status === 429) return 'busy';
  if (status === 408 || status === 409 || status >= 500) return 'failing';
  if (status === 401 || status === 403) return 'credentials';
  if (status === 404) return 'not_found';
  return /context.?length|context.?window/i.test(`${error.code} ${error.message}`)
    ? 'too_long'
    : 'refused';
}

const MAX_CHARS = 2_000;

/** An error with its chain of causes in one line: an SDK error itself would carry headers into the log. */
function describe(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return String(error).slice(0, MAX_CHARS);
  const own = `${error.name}: ${error.message}`.slice(0, MAX_CHARS);
  return error.cause === undefined || depth === 4
    ? own
    : `${own} <- ${describe(error.cause, depth + 1)}`;
}

/** Servers may quote a part of the key; this many characters in a row identify it. */
const KEY_PART = 6;
/** Keys of other servers, which a proxy may quote. */
const KEY_LIKE = /\b(sk-|pk_|gsk_|xai-|hf_|AIza|Bearer\s+)[\w.*-]{4,}/g;

/** Removes the key from texts, even if a server quotes only part of it, and the server's host if it is given. */
export function createRedactor(
  apiKey: string | null,
  baseUrl: string | null = null,
): (text: string) => string {
  const host = baseUrl && URL.canParse(baseUrl) ? new URL(baseUrl).host : null;
  const isPart = partsOf(apiKey);
  return (text) => {
    const bare = host ? text.replaceAll(host, '[server]') : text;
    const known = apiKey ? bare.replaceAll(apiKey, '[key]') : bare;
    return known
      .replace(KEY_LIKE, '$1[key]')
      .replace(/[\w.*+/=-]{6,}/g, (word) => (isPart(word) ? '[key]' : word));
  };
}

/** Whether a word has the beginning or the end of the key. */
function partsOf(apiKey: string | null): (word: string) => boolean {
  if (apiKey === null || apiKey.length < 2 * KEY_PART) return () => false;
  const ends = [apiKey.slice(0, KEY_PART), apiKey.slice(-KEY_PART)];
  return (word) => ends.some((end) => word.includes(end));
}
