import type { Logger } from 'pino';
import { type Options, Sequelize } from 'sequelize';
import { driver } from './driver.js';

export interface SequelizeSettings {
  url: string;
  poolMax: number;
  /** Statements are logged at `trace`, without their values. */
  logger?: Logger;
  /** How long Postgres may be silent before a connection is given up. */
  silenceMs?: number;
}

/** Ended by Postgres itself, which tells. */
const STATEMENT_TIMEOUT_MS = 15_000;
/** Ended here, because nothing is heard: a frozen server, a network that swallows packets. */
const SILENCE_MS = 20_000;

/** Connects on first use. The caller closes it. */
export function createSequelize(settings: SequelizeSettings): Sequelize {
  const { url, poolMax, logger, silenceMs = SILENCE_MS } = settings;
  const options: Options & { keepDefaultTimezone: boolean } = {
    dialect: 'postgres',
    dialectModule: driver,
    logging: logger?.isLevelEnabled('trace') ? (sql) => logger.trace({ sql }, 'sql') : false,
    pool: { max: poolMax, min: 0, acquire: 5_000, idle: 30_000, evict: 5_000 },
    define: { underscored: true, timestamps: false },
    // One round trip less per new connection.
    keepDefaultTimezone: true,
    dialectOptions: {
      application_name: 'parley',
      clientMinMessages: 'ignore',
      connectionTimeoutMillis: 5_000,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: silenceMs,
      idle_in_transaction_session_timeout: 30_000,
      keepAlive: true,
    },
  };
  return new Sequelize(url, options);
}
