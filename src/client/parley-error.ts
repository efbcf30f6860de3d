import type { ErrorCode, FieldError, Problem, WireError } from '../contract/errors.js';

/**
 * A refused or failed call; `code` is stable, `retryable` says whether the same call may succeed later.
 * @example
 * const refused = await client.send({ content }).catch((error) => error);
 * if (refused instanceof ParleyError && refused.code === 'quota_exceeded') showQuota(refused.retryAfterMs);
 */
export class ParleyError extends Error {
  override readonly name = 'ParleyError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: readonly FieldError[];
  /** A stable reason that says more than the code. */
  readonly reason: string | undefined;

  constructor(error: WireError & { reason?: string }, cause?: unknown) {
    super(error.message, { cause });
    this.code = error.code;
    this.retryable = error.retryable;
    this.retryAfterMs = error.retry_after_ms;
    this.details = error.details ?? [];
    this.reason = error.reason;
  }

  /** A program may have several copies of this class, since each entry of the package has its own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'ParleyError';
  }
}

/** The error of a REST problem document. */
export const fromProblem = ({ detail, errors = [], ...problem }: Problem): ParleyError =>
  new ParleyError({ ...problem, message: detail, details: errors });

/** The server could not be reached, or did not reply within the deadline. */
export const unreachable = (cause?: unknown) =>
  new ParleyError(
    { code: 'unavailable', message: 'The server did not answer', retryable: true },
    cause,
  );

/** Any error as a `ParleyError`. Unknown ones count as a server that could not be reached. */
export const toParleyError = (error: unknown): ParleyError =>
  error instanceof ParleyError ? error : unreachable(error);
