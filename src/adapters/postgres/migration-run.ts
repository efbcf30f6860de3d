import { createRequire } from 'node:module';
import { type Options, type QueryInterface, Sequelize } from 'sequelize';
import { SequelizeStorage, Umzug } from 'umzug';
import { PATHS } from '../../config/paths.js';
import { migrationNames } from './migration-names.js';

interface Migration {
  up(context: QueryInterface): Promise<unknown>;
  down(context: QueryInterface): Promise<unknown>;
}

const LOCK = 7_201_311;

const load = createRequire(import.meta.url);

async function migrations() {
  return (await migrationNames()).map((name) => {
    const migration: Migration = load(`${PATHS.migrations}/${name}`);
    return {
      name,
      up: ({ context }: { context: QueryInterface }) => migration.up(context),
      down: ({ context }: { context: QueryInterface }) => migration.down(context),
    };
  });
}

/** The same database without time-outs: building an index may take longer than any request. */
function patientTwin(origin: Sequelize): Sequelize {
  const { options, config } = origin as Sequelize & { options: Options };
  const {
    statement_timeout,
    query_timeout,
    idle_in_transaction_session_timeout,
    ...dialectOptions
  } = { ...options.dialectOptions } as Record<string, unknown>;
  const { database, username, host, port, password } = config;
  return new Sequelize({
    ...options,
    database,
    username,
    password: password ?? '',
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port: Number(port) }),
    dialectOptions,
    // With `underscored`, the table would not be that of sequelize-cli.
    define: {},
    pool: { max: 2 },
  });
}

/** Holds a transaction-level advisory lock on a connection of its own, so that nodes may start together. */
async function underLock<T>(origin: Sequelize, work: (umzug: Umzug<QueryInterface>) => Promise<T>) {
  const sequelize = patientTwin(origin);
  try {
    return await sequelize.transaction(async (transaction) => {
      await sequelize.query(`SELECT pg_advisory_xact_lock(${LOCK})`, { transaction });
      const umzug = new Umzug({
        migrations: await migrations(),
        context: sequelize.getQueryInterface(),
        storage: new SequelizeStorage({ sequelize }),
        logger: undefined,
      });
      return work(umzug);
    });
  } finally {
    await sequelize.close();
  }
}

/** Applies pending migrations, and returns their names. */
export const runUp = (sequelize: Sequelize): Promise<string[]> =>
  underLock(sequelize, async (umzug) => (await umzug.up()).map(({ name }) => name));

/** Reverts all migrations, newest first, and returns their names. */
export const runDown = (sequelize: Sequelize): Promise<string[]> =>
  underLock(sequelize, async (umzug) => (await umzug.down({ to: 0 })).map(({ name }) => name));
