import type pg from 'pg';
import { pino } from 'pino';
import { type Config, readEnv } from '../../src/config/config.js';
import type { Problem } from '../../src/contract/errors.js';
import { App } from '../../src/node/app.js';
import type { Overrides } from '../../src/node/context.js';
import type { Telemetry } from '../../src/ports/telemetry.js';
import { startUpstream, type Upstream } from '../models/scripted-upstream.js';
import { type Device, openDevice } from '../people/device.js';
import {
  type Account,
  type Answer,
  type CallOptions,
  callRest,
  registerAt,
} from '../people/rest.js';
import { createClient } from '../stores/client.js';
import { createTestDatabase } from '../stores/database.js';
import { type LogLine, LogLines } from './log-lines.js';
import { sharedHasher } from './shared-hasher.js';

export type { Account } from '../people/rest.js';

export interface TestApp {
  url: string;
  databaseUrl: string;
  upstream: Upstream;
  /** Returns the rows of a query of the database. */
  rows<T extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<T[]>;
  /** Makes a REST call as a client that is not a browser. */
  call<T = Problem>(path: string, options?: CallOptions): Promise<Answer<T>>;
  register(username: string): Promise<Account>;
  /** A socket that is connected and welcomed. It is closed with the app. */
  device(account: Account): Promise<Device>;
  /** Resolves to the first line with this message, at `warn` or above unless the test sets `LOG_LEVEL`. */
  logged(message: string): Promise<LogLine>;
  /** Ends this node. Nobody answers at its address until `restart`. */
  halt(): Promise<void>;
  /** Ends this node and starts another on the same database and upstream, at the same address. */
  restart(page?: Pick<Overrides, 'publicDir'>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Settings like production's, but quick: cheap hashes, hardly any retries, and short leases, which no other
 * node can take. Polls for lost notices are rarer than leases are renewed: at 10 a second, an idle node takes 45 ms of
 * CPU a second. The time-outs of the model and of Redis are long, so that a busy machine reaches none. Tests of these
 * set short ones.
 */
const ENV = {
  NODE_ENV: 'test',
  PORT: '0',
  SECRET_KEY: 'a-secret-for-tests-that-is-long-enough-1',
  REFRESH_SECRET_KEY: 'a-secret-for-tests-that-is-long-enough-2',
  BCRYPT_COST: '4',
  DB_POOL_MAX: '6',
  LEASE_SECONDS: '1',
  CLAIM_POLL_MS: '500',
  STREAM_FLUSH_MS: '5',
  OPENAI_MODEL: 'test-model',
  AUTO_TITLE: 'false',
  OPENAI_API_KEY: 'sk-test-key',
  PROVIDER_MAX_RETRIES: '1',
  PROVIDER_FIRST_CHUNK_TIMEOUT_MS: '60000',
  PROVIDER_IDLE_TIMEOUT_MS: '60000',
  REDIS_COMMAND_TIMEOUT_MS: '5000',
};

/** Tests with a page need this: a page makes more calls than a person. */
export const FOR_BROWSERS = { LIMIT_SCALE: '0' };

/** `telemetry`: used instead of the node's own. */
export async function startApp(
  env: Record<string, string> = {},
  telemetry?: Telemetry,
): Promise<TestApp> {
  const [database, upstream] = await Promise.all([createTestDatabase(), startUpstream()]);
  const config: Config = readEnv({
    ...ENV,
    DATABASE_URL: database.url,
    OPENAI_BASE_URL: upstream.url,
    ...env,
  });
  const { logger, logged } = listeningLogger(env.LOG_LEVEL ?? 'warn');
  const overrides = { logger, ...(telemetry && { telemetry }), ...sharedHasher(config) };
  let app = App.create(config, overrides);
  await app.start();
  const sql = createClient(database.url);
  await sql.connect();
  const { port } = app;
  const url = `http://127.0.0.1:${port}`;
  const devices: Device[] = [];

  return {
    url,
    logged,
    databaseUrl: database.url,
    upstream,
    rows: async <T extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await sql.query<T>(text, values)).rows,
    call: (path, options) => callRest(url + path, options),
    register: (username) => registerAt(url, username),
    async device(account) {
      const device = await openDevice(url, { token: account.token });
      devices.push(device);
      return device;
    },
    halt: () => app.stop(0),
    async restart(page = {}) {
      await app.stop(0);
      app = App.create({ ...config, http: { ...config.http, port } }, { ...overrides, ...page });
      await app.start();
    },
    async stop() {
      for (const device of devices) device.close();
      await app.stop(0);
      await upstream.stop();
      await sql.end();
      await database.drop();
    },
  };
}

/** Keeps what is logged, so that tests can wait for events that have no other sign. */
function listeningLogger(level: string) {
  const lines = new LogLines();
  const logged = (message: string) => lines.until(({ msg }) => msg === message);
  return { logger: pino({ level }, { write: (line: string) => lines.add(line) }), logged };
}
