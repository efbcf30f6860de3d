import { BaseError, ConnectionError } from 'sequelize';
import { AppError, unavailable } from '../../../entities/errors.js';

/** SQLSTATE classes and codes after which the same statement may succeed later. */
const TRANSIENT_STATES = [
  '08', // connection exception
  '53', // insufficient resources
  '57P', // operator intervention: shutdown, crash, cannot connect now
  '57014', // statement time-out
  '25P03', // idle-in-transaction time-out
  '25006', // read-only: a primary that became a standby
  '40001', // serialization failure
  '40P01', // deadlock
  '55P03', // lock not available
];

const LOST_SOCKET = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH']);
const LOST_MESSAGE =
  /connection terminated|connection error and is not queryable|closed and is not queryable|connection manager was closed/i;

/** The driver's error below one of Sequelize. */
const driverErrorOf = (error: unknown): unknown =>
  error instanceof BaseError && 'parent' in error ? error.parent : error;

/** The SQLSTATE or the system's error code; empty if there is none. */
function codeOf(error: unknown): string {
  const { code } = Object(driverErrorOf(error));
  return typeof code === 'string' ? code : '';
}

/** Every SQLSTATE has a digit; `EPIPE` has none. */
const SQLSTATE = /^(?=.*\d)[0-9A-Z]{5}$/;

/** Empty if Postgres did not report the error. */
export function sqlStateOf(error: unknown): string {
  const code = codeOf(error);
  return SQLSTATE.test(code) ? code : '';
}

function isTransient(error: Error): boolean {
  if (error instanceof ConnectionError || LOST_MESSAGE.test(error.message)) return true;
  const code = codeOf(error);
  return LOST_SOCKET.has(code) || TRANSIENT_STATES.some((state) => code.startsWith(state));
}

/** Bound values may be users' texts, and errors are logged. */
function forgetValues(error: object): void {
  for (const holder of ['parent' in error && error.parent, error]) {
    if (typeof holder === 'object' && holder) Reflect.deleteProperty(holder, 'parameters');
  }
}

/** A foreign key to a user who was deleted after the request had been let in. */
const GONE_USER = /_(user|author)_id_fkey$/;

function isOfGoneUser(error: Error): boolean {
  const { constraint } = Object(driverErrorOf(error));
  return sqlStateOf(error) === '23503' && GONE_USER.test(String(constraint));
}

/**
 * Lost connections, time-outs and a full pool become AppError `unavailable`, and rows of a deleted user
 * `session_revoked`. Other errors are returned unchanged.
 */
export function translate(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error;
  forgetValues(error);
  if (isOfGoneUser(error)) return new AppError('session_revoked', { cause: error });
  return isTransient(error) ? unavailable(error) : error;
}

/** Runs calls of models, and translates their errors. */
export async function translating<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(error);
  }
}
