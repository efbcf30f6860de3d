import { ConnectionError } from 'sequelize';
import { describePostgres, type PostgresTarget } from '../../config/postgres-url.js';
import { isUnavailable, StartProblem } from '../../entities/errors.js';
import { withRemedy } from '../certificates.js';
import { sqlStateOf } from './sql/errors.js';

/** Occurs in the message in every language: no rule of the server allows such a connection. */
const NO_RULE = /pg_hba\.conf/;

/** SQLSTATEs that an operator may meet, each with its remedy. */
const REMEDIES: Record<string, string | undefined> = {
  '25006': 'it is read-only: use the address of the primary, or allow writes',
  '3F000': 'create the schema',
  '42501':
    'grant what is missing to the user of DATABASE_URL, or migrate as the owner of the tables',
  '53100': 'its disk is full',
};

/** The cause below errors that only name the failed step. */
function rootOf(problem: unknown): unknown {
  const wraps = isUnavailable(problem) || (problem instanceof Error && sqlStateOf(problem) === '');
  const cause = problem instanceof Error ? problem.cause : undefined;
  return wraps && !(problem instanceof StartProblem) && cause instanceof Error
    ? rootOf(cause)
    : problem;
}

/**
 * Turns a failure of Postgres into one line that an operator can act on, with place and reason. Other errors stay as
 * they are.
 */
export function explainStart(problem: unknown, target: PostgresTarget): unknown {
  const error = problem instanceof ConnectionError ? problem : rootOf(problem);
  if (!(error instanceof Error) || error instanceof StartProblem) return error;
  const { message } = error;
  const place = `Postgres at ${describePostgres(target)}`;
  if (error instanceof ConnectionError) {
    const isPlain = !target.tls || target.tls.mode === 'off';
    const why =
      isPlain && NO_RULE.test(message)
        ? `${message}; add ?sslmode=verify-full if the server requires TLS`
        : withRemedy(message);
    return new StartProblem(`${place} cannot be reached: ${why}`, { cause: error });
  }
  const state = sqlStateOf(error);
  if (state === '') return problem;
  const remedy = REMEDIES[state];
  const why = remedy ? `${message}; ${remedy}` : message;
  return new StartProblem(`${place} cannot be used: ${why}`, { cause: error });
}
