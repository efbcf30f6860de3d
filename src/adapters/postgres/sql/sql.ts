import { DatabaseError, type Sequelize, type Transaction } from 'sequelize';
import { PatientClient } from './driver.js';
import { translate } from './errors.js';
import { OpenTransaction } from './open-transaction.js';
import { listenerOf, loggingOf } from './sequelize-internals.js';

/**
 * A named statement is planned once per connection: for hot statements whose plan does not depend on the bound
 * values.
 */
export type Statement = string | { name: string; text: string };

/**
 * Bound SQL; `$1` is the first of `bind`. bigint and numeric arrive as numbers, timestamptz as Date, jsonb parsed. A
 * lost connection or a full pool becomes AppError `unavailable`.
 */
export interface Sql {
  /** Model calls within the same transaction take this handle. */
  readonly transaction: Transaction | null;
  rows<T>(sql: Statement, bind?: unknown[]): Promise<T[]>;
  one<T>(sql: Statement, bind?: unknown[]): Promise<T | null>;
  /** Resolves to the number of affected rows. */
  run(sql: Statement, bind?: unknown[]): Promise<number>;
}

/** Runs `work` in a transaction of its own, or in the open one. */
export type Transact = <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;

/**
 * Uses only the pool, models and migrations of Sequelize: its own queries cost twice as much as those of the driver.
 */
export function createSql(sequelize: Sequelize, open: OpenTransaction | null = null): Sql {
  const ask = async (sql: Statement, bind: unknown[] = []) => {
    try {
      return await (open
        ? query(sequelize, open.client, sql, bind)
        : pooled(sequelize, (client) => query(sequelize, client, sql, bind)));
    } catch (error) {
      throw translate(open ? open.causeOf(error) : error);
    }
  };
  const rows = async <T>(sql: Statement, bind?: unknown[]) => (await ask(sql, bind)).rows as T[];

  return {
    transaction: open?.handle ?? null,
    rows,
    run: async (sql, bind) => (await ask(sql, bind)).rowCount ?? 0,
    one: async <T>(sql: Statement, bind?: unknown[]) => (await rows<T>(sql, bind))[0] ?? null,
  };
}

/** Lends a connection of the pool to `work`. */
export async function pooled<T>(
  { connectionManager }: Sequelize,
  work: (client: PatientClient) => Promise<T>,
): Promise<T> {
  const client = await connectionManager.getConnection({ type: 'write' });
  try {
    return await work(asClient(client));
  } finally {
    connectionManager.releaseConnection(client);
  }
}

export function asClient(connection: unknown): PatientClient {
  if (connection instanceof PatientClient) return connection;
  throw new Error('no connection of our driver');
}

async function query(
  sequelize: Sequelize,
  client: PatientClient,
  sql: Statement,
  bind: unknown[] = [],
) {
  const statement = typeof sql === 'string' ? { text: sql } : sql;
  loggingOf(sequelize)?.(statement.text);
  const onReplied = listenerOf(sequelize);
  const began = onReplied ? performance.now() : 0;
  client.gather();
  try {
    const result = await client.query(bind.length > 0 ? { ...statement, values: bind } : statement);
    onReplied?.(performance.now() - began);
    return result;
  } catch (error) {
    throw databaseError(error, statement.text);
  }
}

/** Wraps errors as Sequelize does. */
function databaseError(error: unknown, sql: string): unknown {
  return error instanceof Error ? new DatabaseError(Object.assign(error, { sql })) : error;
}

/** Commits when `work` resolves, rolls back when it rejects. */
export function transaction<T>(sequelize: Sequelize, work: (sql: Sql) => Promise<T>): Promise<T> {
  return pooled(sequelize, async (client) => {
    const open = new OpenTransaction(sequelize, client, (text) => query(sequelize, client, text));
    try {
      const result = await work(createSql(sequelize, open));
      await open.commit();
      return result;
    } catch (error) {
      // The state of the connection is unknown, so it must not serve others.
      if (!(await open.rollBack())) client.drop();
      throw translate(error);
    }
  }).catch((error: unknown) => {
    throw translate(error);
  });
}
