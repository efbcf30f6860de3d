import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type Options, type QueryInterface, Sequelize } from 'sequelize';
import { SequelizeStorage, Umzug } from 'umzug';

interface Migration {
  up(context: QueryInterface): Promise<unknown>;
  down(context: QueryInterface): Promise<unknown>;
}

/** The same place seen from src/adapters/postgres and from dist/adapters/postgres. */
const DIRECTORY = fileURLToPath(new URL('../../../migrations', import.meta.url));
const LOCK = 7_201_311;

const load = createRequire(import.meta.url);

async function migrations() {
  const names = (await readdir(DIRECTORY)).filter((name) => /^\d{14}-.+\.cjs$/.test(name)).sort();
  return names.map((name) => {
    const migration: Migration = load(`${DIRECTORY}/${name}`);
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
    // Underscored, the table would not be the one of sequelize-cli.
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

/**
 * Applies what is pending and answers the names. A migration is one multi-statement query and so one
 * transaction: it is applied whole or not at all.
 */
export const migrateUp = (sequelize: Sequelize): Promise<string[]> =>
  underLock(sequelize, async (umzug) => (await umzug.up()).map(({ name }) => name));

/** Takes all migrations back, newest first, and answers their names. */
export const migrateDown = (sequelize: Sequelize): Promise<string[]> =>
  underLock(sequelize, async (umzug) => (await umzug.down({ to: 0 })).map(({ name }) => name));
