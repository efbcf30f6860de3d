import { ERRORS, type ErrorCode, type Problem } from '../contract/errors.js';
import type { Language } from '../contract/language.js';
import { describeError, titleError } from '../entities/error-messages.js';
import { AppError } from '../entities/errors.js';

/** A refusal whose problem document says more than the code. */
export class ProblemError extends AppError {
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, extra: Readonly<Record<string, unknown>>) {
    super(code);
    this.extra = extra;
  }
}

/** Errors that Express and its body parser throw for requests that they cannot read. */
const UNREADABLE: ReadonlyMap<number, ErrorCode> = new Map([
  [400, 'malformed_json'],
  [404, 'not_found'],
  [413, 'payload_too_large'],
  [415, 'malformed_json'],
]);

/** Other 4xx come from preconditions and the like of the page's files. */
function codeOf(status: number): ErrorCode {
  const refused = status >= 400 && status < 500 ? 'validation_failed' : 'internal';
  return UNREADABLE.get(status) ?? refused;
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error && 'status' in error ? error.status : 500;
  return typeof status === 'number' ? status : 500;
}

/** Turns every thrown value into an AppError. Unexpected ones become `internal`, and their text is hidden. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof URIError) {
    return new AppError('validation_failed', { cause: error, details: [] });
  }
  return new AppError(codeOf(statusOf(error)), { cause: error });
}

const LANGUAGE_TAG: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-CN' };

/** Headers of a problem, which also varies with `Accept-Language`. */
export function problemHeaders(problem: Problem, language: Language): Record<string, string> {
  const { status, retry_after_ms: waitMs } = problem;
  return {
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Language': LANGUAGE_TAG[language],
    ...(waitMs !== undefined && { 'Retry-After': String(Math.ceil(waitMs / 1000)) }),
    ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
  };
}

/** RFC 9457 problem details. */
export function toProblem(error: AppError, language: Language, requestId: string): Problem {
  const { code, reason, retryAfterMs } = error;
  const details = error.details(language);
  return {
    type: `urn:parley:error:${code}`,
    title: titleError(code, language),
    status: ERRORS[code].status,
    detail: describeError(code, language, reason),
    code,
    ...(reason && { reason }),
    retryable: error.retryable,
    request_id: requestId,
    ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }),
    ...(details && { errors: details }),
    ...(error instanceof ProblemError && error.extra),
  };
}
