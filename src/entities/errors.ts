import { ERRORS, type ErrorCode, type FieldError } from '../contract/errors.js';
import type { Language } from '../contract/language.js';
import type { RefusalReason } from './refusal-reasons.js';
import { type Finding, wordFinding } from './validation-messages.js';

interface ErrorOptions {
  cause?: unknown;
  retryAfterMs?: number;
  /** Replaces the code's own sentence. */
  reason?: RefusalReason;
  /** The message is already in words. */
  details?: FieldError[];
  /** Put in words for the reader. */
  findings?: Finding[];
}

/** Why a node or a command cannot start, in one line with the remedy. A stack would not help. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem';
}

/** An expected refusal with a stable code. Any other error becomes `internal` at the transport. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly reason: RefusalReason | undefined;
  readonly #details: FieldError[] | undefined;
  readonly #findings: readonly Finding[];

  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    super(code, { cause: options.cause });
    this.code = code;
    this.retryable = ERRORS[code].retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.reason = options.reason;
    this.#details = options.details;
    this.#findings = options.findings ?? [];
  }

  details(language: Language): FieldError[] | undefined {
    if (this.#findings.length === 0) return this.#details;
    return this.#findings.map((finding) => wordFinding(finding, language));
  }
}

export const invalid = (...findings: Finding[]) => new AppError('validation_failed', { findings });
/** A body that cannot be read because of a header. */
export const unreadable = (path: string, code: string) =>
  new AppError('malformed_json', { findings: [{ path, code }] });
export const notFound = () => new AppError('not_found');
export const conflict = () => new AppError('conflict');
export const forbidden = (reason?: RefusalReason) =>
  new AppError('forbidden', reason === undefined ? {} : { reason });
export const rateLimited = (retryAfterMs: number) => new AppError('rate_limited', { retryAfterMs });
export const isNotFound = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'not_found';
export const isUnavailable = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'unavailable';
export const unavailable = (cause: unknown, retryAfterMs = 2_000) =>
  new AppError('unavailable', { cause, retryAfterMs });
