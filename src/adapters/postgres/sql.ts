import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import { translate } from './errors.js';

/**
 * Bound SQL. `$1` stands for the first of `bind`; with `bind` a literal dollar is written `$$`.
 * bigint and numeric arrive as numbers, timestamptz as Date, jsonb parsed.
 * A lost connection or a full pool surfaces as AppError `unavailable`.
 */
export interface Sql {
  /** For calls of models that belong to the same transaction. */
  readonly transaction: Transaction | null;
  rows<T>(sql: string, bind?: unknown[]): Promise<T[]>;
  one<T>(sql: string, bind?: unknown[]): Promise<T | null>;
  /** Resolves to the number of affected rows. */
  run(sql: string, bind?: unknown[]): Promise<number>;
}

/** Runs `work` in a transaction of its own, or in the one that is open. */
export type Transact = <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;

export function createSql(sequelize: Sequelize, transaction: Transaction | null = null): Sql {
  const options = (bind: unknown[]) => ({ transaction, ...(bind.length > 0 && { bind }) });

  async function rows<T>(sql: string, bind: unknown[] = []): Promise<T[]> {
    try {
      const type = QueryTypes.SELECT;
      return (await sequelize.query(sql, { ...options(bind), type, raw: true })) as T[];
    } catch (error) {
      throw translate(error);
    }
  }

  async function run(sql: string, bind: unknown[] = []): Promise<number> {
    try {
      // The one type that answers the count alone, whatever the statement.
      return await sequelize.query(sql, { ...options(bind), type: QueryTypes.BULKDELETE });
    } catch (error) {
      throw translate(error);
    }
  }

  return {
    transaction,
    rows,
    run,
    one: async <T>(sql: string, bind?: unknown[]) => (await rows<T>(sql, bind))[0] ?? null,
  };
}

/**
 * Commits when `work` resolves, rolls back when it rejects. READ COMMITTED, which is Postgres' default:
 * naming it would cost a round trip in every transaction.
 */
export async function transaction<T>(
  sequelize: Sequelize,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  try {
    return await sequelize.transaction((handle) => work(createSql(sequelize, handle)));
  } catch (error) {
    throw translate(error);
  }
}
