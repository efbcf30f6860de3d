import type { Logger } from 'pino';
import { type Options, Sequelize } from 'sequelize';
import { parsePostgresUrl } from '../../../config/postgres-url.js';
import { connectionOf } from './connection.js';
import { driver } from './driver.js';

export interface SequelizeSettings {
  url: string;
  poolMax: number;
  /** Statements are logged at `trace`, without their values. */
  logger?: Logger;
  /** How long Postgres may be silent before a connection is given up, and all that was asked on it. */
  silenceMs?: number;
}

/** For a connection out of the pool, a new one included. */
const ACQUIRE_MS = 3_000;
/** Ended by Postgres itself, which tells. */
const STATEMENT_TIMEOUT_MS = 5_000;
/** Ended here, because nothing is heard: a frozen server, a network that swallows packets. */
const SILENCE_MS = 6_000;

/** Connects on first use. The caller closes it. */
export function createSequelize(settings: SequelizeSettings): Sequelize {
  const { url, poolMax, logger, silenceMs = SILENCE_MS } = settings;
  const { user: username, ...connection } = connectionOf(parsePostgresUrl(url));
  const { host, port, database, password, ...rest } = connection;
  const options: Options & { keepDefaultTimezone: boolean } = {
    ...{ host, port, database, username, ...(password !== undefined && { password }) },
    dialect: 'postgres',
    dialectModule: driver,
    logging: logger?.isLevelEnabled('trace') ? (sql) => logger.trace({ sql }, 'sql') : false,
    pool: { max: poolMax, min: 0, acquire: ACQUIRE_MS, idle: 30_000, evict: 5_000 },
    define: { underscored: true, timestamps: false },
    // One round trip less per new connection.
    keepDefaultTimezone: true,
    dialectOptions: {
      ...rest,
      clientMinMessages: 'ignore',
      connectionTimeoutMillis: ACQUIRE_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: silenceMs,
      idle_in_transaction_session_timeout: 30_000,
      keepAlive: true,
    },
  };
  return new Sequelize(options);
}
