import type { RedisTarget } from '../../../config/redis-url.js';
import { withRemedy } from '../../certificates.js';

/** A Cluster error only says that no node replied. The reason is in the error of the last node. */
export function rootOf(problem: unknown): Error {
  const inner =
    problem instanceof Error && 'lastNodeError' in problem ? problem.lastNodeError : problem;
  return inner instanceof Error ? inner : new Error(String(inner));
}

/** Whether another attempt would be useless. */
export const isHopeless = (problem: unknown): boolean =>
  /WRONGPASS|NOAUTH|NOPERM|certificate/.test(rootOf(problem).message);

/** Whether the error says only that a connection ended. */
export const tellsNothing = (problem: unknown): boolean =>
  /Connection is closed/.test(rootOf(problem).message);

const CLOSED = /max retries per request/;
const NO_TLS = /ETIMEDOUT|wrong version number|packet length too long/;

/** The problem in words that an operator can act on. */
export function explain(problem: unknown, { tls }: RedisTarget): string {
  const { message } = rootOf(problem);
  if (CLOSED.test(message)) {
    return tls
      ? 'connection closed'
      : 'connection closed; use rediss:// if the server requires TLS';
  }
  if (tls && NO_TLS.test(message)) return `${message}; use redis:// if the server has no TLS`;
  return withRemedy(message) || 'connection refused';
}
