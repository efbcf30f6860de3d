import { type Options, type Sequelize, Transaction } from 'sequelize';
import type { PoolCounts } from '../../../ports/metrics.js';

/**
 * The only file that uses internals of Sequelize. package.json pins it to one version, and
 * `test/unit/adapters/internals.test.ts` has one test for each function.
 */

/** The function that logs statements; null if they are not logged. */
export function loggingOf(sequelize: Sequelize): ((sql: string) => void) | null {
  const { logging }: Options = Reflect.get(sequelize, 'options');
  return typeof logging === 'function' ? logging : null;
}

/** The `onReplied` of its settings; null if nobody listens. */
export function listenerOf(sequelize: Sequelize): ((ms: number) => void) | null {
  const { onReplied }: { onReplied?: unknown } = Reflect.get(sequelize, 'options');
  return typeof onReplied === 'function' ? (ms) => onReplied(ms) : null;
}

/** Connections of the pool that are free, those in use, and calls that wait for one. */
export function poolCounts({ connectionManager }: Sequelize): PoolCounts {
  const { available, using, waiting } = Reflect.get(connectionManager, 'pool');
  return { idle: available, busy: using, waiting };
}

/** A transaction in which models use this connection. Sequelize itself neither begins nor ends it. */
export const transactionOn = (sequelize: Sequelize, connection: object): Transaction =>
  Object.assign(new Transaction(sequelize, {}), { connection });

/** Models refuse to use a transaction that is marked. */
export function markEnded(transaction: Transaction, how: 'commit' | 'rollback'): void {
  Reflect.set(transaction, 'finished', how);
}

/** The pool does not hand out a connection that is marked. */
export function markUnusable(connection: object): void {
  Reflect.set(connection, '_invalid', true);
}

/**
 * Keeps the first connection of each pool from reading the names and ids of all types, which takes a server more CPU
 * than the connection. They are for Sequelize's parsers, in whose place the driver has its own.
 */
export function knowTypes({ connectionManager }: Sequelize): void {
  Reflect.set(connectionManager, 'nameOidMap', { text: { oid: 25 } });
}
