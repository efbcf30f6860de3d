import type { Options, Sequelize, Transaction } from 'sequelize';

/**
 * The only file that uses internals of Sequelize. package.json pins it to one version, and
 * `test/unit/internals.test.ts` has one test for each function.
 */

/** The function that logs statements; null if they are not logged. */
export function loggingOf(sequelize: Sequelize): ((sql: string) => void) | null {
  const { logging }: Options = Reflect.get(sequelize, 'options');
  return typeof logging === 'function' ? logging : null;
}

/** Models refuse to use a transaction that is marked. */
export function markEnded(transaction: Transaction, how: 'commit' | 'rollback'): void {
  Reflect.set(transaction, 'finished', how);
}

/** The pool does not hand out a connection that is marked. */
export function markUnusable(connection: object): void {
  Reflect.set(connection, '_invalid', true);
}
