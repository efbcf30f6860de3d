import { ERRORS, type WireError } from '../contract/errors.js';
import type { Language } from '../contract/language.js';
import { describeError } from '../entities/error-messages.js';
import { AppError } from '../entities/errors.js';

/** The part of an error that a client may see; unknown errors become `internal`. */
export function toWireError(error: unknown, language: Language): WireError {
  const known = error instanceof AppError ? error : null;
  const code = known?.code ?? 'internal';
  const details = known?.details(language);
  return {
    code,
    message: describeError(code, language, known?.reason),
    retryable: ERRORS[code].retryable,
    ...(known?.retryAfterMs !== undefined && { retry_after_ms: known.retryAfterMs }),
    ...(details && { details }),
  };
}

/** A refusal of the handshake: Socket.IO sends `data` along with `connect_error`. */
export class HandshakeError extends Error {
  readonly data: WireError;

  constructor(cause: unknown, language: Language) {
    const data = toWireError(cause, language);
    super(data.message, { cause });
    this.data = data;
  }
}
