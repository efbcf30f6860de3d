import type { RedisTarget } from '../../../config/redis-url.js';
import { withRemedy } from '../../certificates.js';

/** A Cluster only says that no node answered; why, it says in the error of the last one. */
export function rootOf(problem: unknown): Error {
  const inner =
    problem instanceof Error && 'lastNodeError' in problem ? problem.lastNodeError : problem;
  return inner instanceof Error ? inner : new Error(String(inner));
}

/** Whether another attempt would change nothing. */
export const isHopeless = (problem: unknown): boolean =>
  /WRONGPASS|NOAUTH|NOPERM|certificate/.test(rootOf(problem).message);

/** Whether it is only known that a connection came to an end. */
export const tellsNothing = (problem: unknown): boolean =>
  /Connection is closed/.test(rootOf(problem).message);

const CLOSED = /max retries per request/;
const NO_TLS = /ETIMEDOUT|wrong version number|packet length too long/;

/** The problem in words that an operator can act on. */
export function explain(problem: unknown, { tls }: RedisTarget): string {
  const { message } = rootOf(problem);
  if (CLOSED.test(message)) {
    return tls ? 'connection closed' : 'connection closed; rediss:// where it wants TLS';
  }
  if (tls && NO_TLS.test(message)) return `${message}; redis:// where it has no TLS`;
  return withRemedy(message) || 'connection refused';
}
