import type { Logger } from 'pino';
import { ConnectionAcquireTimeoutError, type Options, Sequelize } from 'sequelize';
import { parsePostgresUrl } from '../../../config/postgres-url.js';
import { connectionOf } from './connection.js';
import { driver, isLate } from './driver.js';
import { knowTypes } from './sequelize-internals.js';

export interface SequelizeSettings {
  url: string;
  poolMax: number;
  /** Statements are logged at `trace`, without their values. */
  logger?: Logger;
  /** Called with the time of every statement. */
  onReplied?: (ms: number) => void;
  /** How long Postgres may be silent before a connection, and all statements on it, are given up. */
  silenceMs?: number;
  /** Time limit for a connection of the pool, including a new one. */
  acquireMs?: number;
}

const ACQUIRE_MS = 3_000;
/** Limit that Postgres enforces and reports. */
const STATEMENT_TIMEOUT_MS = 5_000;
/** Limit that is enforced here: a frozen server, or a network that drops packets, reports nothing. */
const SILENCE_MS = 6_000;
/**
 * The oldest version that may serve. If it were not set, Sequelize would open a connection for each pool, only to ask
 * for the version.
 */
const SERVER_VERSION = '15.0.0';

/** Options that Sequelize reads, or that only we do, and that its types lack. */
interface Untyped {
  keepDefaultTimezone: boolean;
  databaseVersion: string;
  onReplied?: (ms: number) => void;
}

/** Connects on first use. The caller closes it. */
export function createSequelize(settings: SequelizeSettings): Sequelize {
  const { url, poolMax, logger, onReplied } = settings;
  const { silenceMs = SILENCE_MS, acquireMs = ACQUIRE_MS } = settings;
  const { user: username, ...connection } = connectionOf(parsePostgresUrl(url));
  const { host, port, database, password, ...rest } = connection;
  const options: Options & Untyped = {
    ...{ host, port, database, username, ...(password !== undefined && { password }) },
    dialect: 'postgres',
    dialectModule: driver,
    databaseVersion: SERVER_VERSION,
    logging: logger?.isLevelEnabled('trace') ? (sql) => logger.trace({ sql }, 'sql') : false,
    pool: { max: poolMax, min: 0, acquire: acquireMs, idle: 30_000, evict: 5_000 },
    define: { underscored: true, timestamps: false },
    ...(onReplied && { onReplied }),
    // Saves a round trip per new connection.
    keepDefaultTimezone: true,
    dialectOptions: {
      ...rest,
      clientMinMessages: 'ignore',
      connectionTimeoutMillis: acquireMs,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: silenceMs,
      idle_in_transaction_session_timeout: 30_000,
      keepAlive: true,
    },
  };
  const sequelize = new Sequelize(options);
  knowTypes(sequelize);
  waitAgainAfterPause(sequelize, acquireMs);
  return sequelize;
}

/**
 * A time limit that passes while this process stands still is reached before the sockets are read, and a connection
 * that has become free meanwhile is not found. Such a wait begins anew, once.
 */
function waitAgainAfterPause({ connectionManager }: Sequelize, limitMs: number): void {
  const acquire = connectionManager.getConnection.bind(connectionManager);
  connectionManager.getConnection = async (options) => {
    const dueAt = performance.now() + limitMs;
    try {
      return await acquire(options);
    } catch (error) {
      if (error instanceof ConnectionAcquireTimeoutError && isLate(dueAt)) return acquire(options);
      throw error;
    }
  };
}
