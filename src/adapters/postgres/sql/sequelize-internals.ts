import type { Options, Sequelize, Transaction } from 'sequelize';

/**
 * The only file that uses what Sequelize keeps to itself. package.json pins it to one version, and
 * `test/unit/internals.test.ts` has one test for each function.
 */

/** Where statements are logged, if anywhere. */
export function loggingOf(sequelize: Sequelize): ((sql: string) => void) | null {
  const { logging }: Options = Reflect.get(sequelize, 'options');
  return typeof logging === 'function' ? logging : null;
}

/** Models refuse to use a transaction that has ended. */
export function markEnded(transaction: Transaction, how: 'commit' | 'rollback'): void {
  Reflect.set(transaction, 'finished', how);
}

/** The pool does not hand out a connection that is marked. */
export function markUnusable(connection: object): void {
  Reflect.set(connection, '_invalid', true);
}
