import { ConnectionError } from 'sequelize';
import { withRemedy } from '../certificates.js';

const WANTS_TLS = /no encryption/;

const place = (url: string) => (URL.canParse(url) ? ` at ${new URL(url).host}` : '');

/** A connection that failed, with where and why in words that an operator can act on; everything else as it is. */
export function explainStart(error: unknown, url: string): unknown {
  if (!(error instanceof ConnectionError)) return error;
  const { message } = error;
  const why = WANTS_TLS.test(message)
    ? `${message}; ?sslmode=verify-full where it wants TLS`
    : withRemedy(message);
  return new Error(`Postgres${place(url)} cannot be reached: ${why}`, { cause: error });
}
