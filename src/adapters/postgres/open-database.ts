import type { Logger } from 'pino';
import type { Sequelize } from 'sequelize';
import { parsePostgresUrl } from '../../config/postgres-url.js';
import type { History } from '../../ports/history.js';
import type { PoolCounts } from '../../ports/metrics.js';
import type { Database } from '../../ports/repositories/repositories.js';
import { noTelemetry, type Telemetry } from '../../ports/telemetry.js';
import { createDatabase } from './database.js';
import { startEmbeddedPostgres } from './embedded/server.js';
import { HistoryLooks } from './history/history-looks.js';
import { HistoryWatch } from './history/history-watch.js';
import { migrateUp } from './migrator.js';
import { NoticeBus } from './notice-bus.js';
import { checkServer } from './server-check.js';
import { createSequelize } from './sql/sequelize.js';
import { poolCounts } from './sql/sequelize-internals.js';
import { asClient, createSql } from './sql/sql.js';
import { explainStart } from './start-problem.js';

/** The number of connections that belong to `vital` of `createDatabase`. */
const vitalOf = (poolMax: number): number => (poolMax < 8 ? 1 : 3);

export interface DatabaseSettings {
  /** Null: the embedded server below `dataDir`. */
  url: string | null;
  poolMax: number;
  dataDir: string;
}

export interface OpenDatabase {
  db: Database;
  /** Carries notices about accounts between all processes that use the database; silent before `start`. */
  bus: NoticeBus;
  history: History;
  /** Checks regularly that a connection in use still leads to the same data; `close` ends it. */
  watch(): void;
  /** Connections of all pools together. */
  pool(): PoolCounts;
  /** Stops the bus and closes the pools, and the embedded server if this process was its last user. */
  close(): Promise<void>;
}

/**
 * Connects, starts the embedded server if no other is configured, and brings the schema up to date.
 * @throws StartProblem if the server cannot be reached or cannot be used
 */
export async function openDatabase(
  settings: DatabaseSettings,
  logger: Logger,
  telemetry: Telemetry = noTelemetry,
): Promise<OpenDatabase> {
  const embedded = settings.url === null ? await startEmbedded(settings.dataDir, logger) : null;
  const url = settings.url ?? embedded?.url ?? '';
  const target = parsePostgresUrl(url);
  const vitalMax = vitalOf(settings.poolMax);
  // Statements are timed only if somebody listens.
  const listens = telemetry !== noTelemetry && {
    onReplied: (ms: number) => telemetry.postgresReplied({ ms }),
  };
  const shared = { url, logger, ...listens };
  const sequelize = createSequelize({ ...shared, poolMax: settings.poolMax - vitalMax });
  const vital = createSequelize({ ...shared, poolMax: vitalMax });
  const sql = createSql(sequelize);
  const history = new HistoryWatch(logger);
  const looks = new HistoryLooks(sequelize, history, logger);
  const bus = new NoticeBus({ url, sql, history, logger });
  const db = createDatabase(sequelize, vital);
  const close = async () => {
    bus.stop();
    looks.stop();
    await Promise.all([sequelize.close(), vital.close()]).finally(() => embedded?.stop());
  };
  try {
    await checkServer(sql, target);
    await migrate(sequelize, logger);
    // The hook misses the connection that is already open, so `look` checks that one.
    for (const pool of [sequelize, vital])
      pool.addHook('afterConnect', (client) => history.admit(asClient(client)));
    await looks.look();
  } catch (error) {
    await close();
    throw explainStart(error, target);
  }
  const pool = () => sum(poolCounts(sequelize), poolCounts(vital));
  return { db, bus, history, watch: () => looks.start(), pool, close };
}

const sum = (a: PoolCounts, b: PoolCounts): PoolCounts => ({
  idle: a.idle + b.idle,
  busy: a.busy + b.busy,
  waiting: a.waiting + b.waiting,
});

async function startEmbedded(dataDir: string, logger: Logger) {
  const embedded = await startEmbeddedPostgres({ dataDir, logger });
  logger.info({ dir: embedded.dir }, 'embedded Postgres keeps its data here');
  return embedded;
}

async function migrate(sequelize: Sequelize, logger: Logger): Promise<void> {
  const migrations = await migrateUp(sequelize);
  if (migrations.length > 0) logger.info({ migrations }, 'schema migrated');
}
