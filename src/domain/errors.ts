import { ERRORS, type ErrorCode, type FieldError } from '../contract/errors.js';

interface ErrorOptions {
  cause?: unknown;
  retryAfterMs?: number;
  details?: FieldError[];
}

/** An expected refusal with a stable code; everything else that is thrown becomes `internal` at the transport. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: FieldError[] | undefined;

  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    super(code, { cause: options.cause });
    this.code = code;
    this.retryable = ERRORS[code].retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details;
  }
}

export const notFound = () => new AppError('not_found');
export const conflict = () => new AppError('conflict');
export const forbidden = () => new AppError('forbidden');
export const rateLimited = (retryAfterMs: number) => new AppError('rate_limited', { retryAfterMs });
export const isUnavailable = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'unavailable';
export const unavailable = (cause: unknown, retryAfterMs = 2_000) =>
  new AppError('unavailable', { cause, retryAfterMs });
