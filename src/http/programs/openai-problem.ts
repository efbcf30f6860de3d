import { ERRORS, type ErrorCode } from '../../contract/errors.js';
import { type Language, pickLanguage } from '../../contract/language.js';
import type { OpenAIError, OpenAIProblem } from '../../contract/openai.js';
import { Restarted } from '../../domain/completions/chunks.js';
import { CompletionFailed, KeyReused } from '../../domain/completions/durable-completions.js';
import type { CompletionFailure } from '../../entities/completion-failure.js';
import { describeError } from '../../entities/error-messages.js';
import type { AppError } from '../../entities/errors.js';
import { ProviderError } from '../../ports/completion-provider.js';
import { RawRefusal } from '../../ports/raw-completions.js';
import { toAppError } from '../problem.js';

/** An error that only programs get. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
  readonly status: number;
  readonly error: OpenAIError;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    error: Partial<OpenAIError> & { message: string },
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(error.message);
    this.status = status;
    this.error = { type: 'invalid_request_error', param: null, code: null, ...error };
    this.headers = headers;
  }
}

export interface ProgramProblem {
  status: number;
  headers: Record<string, string>;
  body: OpenAIProblem;
}

/** Codes that OpenAI's clients know. All others are those of the rest of the REST surface. */
const CODES: Partial<Record<ErrorCode, string>> = {
  unauthenticated: 'invalid_api_key',
  token_expired: 'invalid_api_key',
  token_invalid: 'invalid_api_key',
  session_revoked: 'invalid_api_key',
  key_revoked: 'invalid_api_key',
  rate_limited: 'rate_limit_exceeded',
  quota_exceeded: 'insufficient_quota',
};

const TYPES: Partial<Record<ErrorCode, string>> = {
  rate_limited: 'requests',
  quota_exceeded: 'insufficient_quota',
};

const BAD_REQUEST = 400;
const SERVER_ERROR = 500;
const BAD_GATEWAY = 502;
const CONFLICT = 409;
const UNAVAILABLE = 503;
const KEY_REUSED: OpenAIError = {
  message: 'This Idempotency-Key was used with another body.',
  type: 'invalid_request_error',
  param: 'Idempotency-Key',
  code: 'idempotency_key_reused',
};
const RESTARTED: OpenAIError = {
  message: 'The answer begins again. Repeat the call to read it.',
  type: 'server_error',
  param: null,
  code: 'restarted',
};

/** The only place where errors of programs get their form. Unexpected ones are hidden. */
export function toProgramProblem(thrown: unknown, acceptLanguage: unknown): ProgramProblem {
  const language = pickLanguage(typeof acceptLanguage === 'string' ? acceptLanguage : undefined);
  if (thrown instanceof ProgramError) {
    return problemOf(thrown.status, thrown.error, thrown.headers);
  }
  if (thrown instanceof CompletionFailed) return failureAgain(thrown.failure);
  if (thrown instanceof KeyReused) return problemOf(CONFLICT, KEY_REUSED);
  if (thrown instanceof Restarted) return problemOf(UNAVAILABLE, RESTARTED);
  if (thrown instanceof RawRefusal) return refusalOf(thrown);
  if (thrown instanceof ProviderError) {
    const { detail: message, code } = thrown;
    return problemOf(BAD_GATEWAY, { message, type: 'server_error', param: null, code });
  }
  return problemOfApp(toAppError(thrown), language);
}

/** The error that callers get of a completion that outlived its request. */
export function toFailure(thrown: unknown): CompletionFailure {
  const { status, headers, body } = toProgramProblem(thrown, undefined);
  const seconds = headers['Retry-After'];
  return { status, retryAfter: seconds === undefined ? null : Number(seconds), error: body.error };
}

const failureAgain = ({ status, retryAfter, error }: CompletionFailure): ProgramProblem =>
  problemOf(status, error, retryAfter === null ? {} : { 'Retry-After': String(retryAfter) });

/** An error that came within an answer has no status of its own. */
function refusalOf({ status, error }: RawRefusal): ProgramProblem {
  const isOfRequest = status >= BAD_REQUEST && status < SERVER_ERROR;
  const type = error.type ?? (isOfRequest ? 'invalid_request_error' : 'server_error');
  return problemOf(isOfRequest ? status : BAD_GATEWAY, { ...error, type });
}

function problemOfApp(error: AppError, language: Language): ProgramProblem {
  const { code, reason, retryAfterMs } = error;
  const { status: own } = ERRORS[code];
  const status = code === 'validation_failed' ? BAD_REQUEST : own;
  const [finding] = error.details(language) ?? [];
  const type = status >= SERVER_ERROR ? 'server_error' : 'invalid_request_error';
  const told: OpenAIError = {
    message: finding?.message ?? describeError(code, language, reason),
    type: TYPES[code] ?? type,
    param: finding?.path || null,
    code: CODES[code] ?? code,
  };
  return problemOf(status, told, {
    ...(retryAfterMs !== undefined && { 'Retry-After': String(Math.ceil(retryAfterMs / 1_000)) }),
    ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
  });
}

const problemOf = (
  status: number,
  error: OpenAIError,
  headers: Readonly<Record<string, string>> = {},
): ProgramProblem => ({
  status,
  headers: {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    ...headers,
  },
  body: { error },
});

/** Whether a request is one of a program, before Express reads it. */
export const isOfProgram = (url: string | undefined): boolean => /^\/v1(?:[/?]|$)/i.test(url ?? '');
