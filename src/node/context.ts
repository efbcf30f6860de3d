import { randomBytes } from 'node:crypto';
import { hostname, tmpdir } from 'node:os';
import type { Logger } from 'pino';
import { createPasswordHasher } from '../adapters/bcrypt/password-hasher.js';
import { openCommonPasswords } from '../adapters/common-passwords.js';
import { createImportFiles } from '../adapters/imports/import-files.js';
import { openEngine } from '../adapters/open-engine.js';
import { openModels } from '../adapters/openai/open-model.js';
import { openTokenizer } from '../adapters/openai/tokenizer.js';
import { openTracing } from '../adapters/opentelemetry/open-tracing.js';
import { openDatabase } from '../adapters/postgres/open-database.js';
import { createProcessMarks } from '../adapters/process-marks.js';
import { type OpenMetrics, openMetrics } from '../adapters/prometheus/metrics.js';
import { ensureDevelopmentSecrets } from '../adapters/secrets.js';
import { createWebhookSender } from '../adapters/webhooks/sender.js';
import type { Config } from '../config/config.js';
import { PATHS } from '../config/paths.js';
import { FlushClock } from '../domain/answers/running/flush-clock.js';
import { createOperations, type Operations } from '../domain/operations.js';
import { Retention } from '../domain/retention.js';
import { createServices, type Services } from '../domain/services.js';
import { toFailure } from '../http/programs/openai-problem.js';
import type { Engine } from '../ports/engine.js';
import type { Metrics } from '../ports/metrics.js';
import type { PasswordHasher } from '../ports/password-hasher.js';
import { noTelemetry, type Telemetry } from '../ports/telemetry.js';
import type { Tracing } from '../ports/tracing.js';
import { type Edge, openEdge } from './edge.js';
import { followHistory } from './follow-history.js';
import { Lifecycle } from './lifecycle.js';
import { createLogger } from './logger.js';
import { lostCalls, prunes } from './prunes.js';
import { serviceSettings } from './settings.js';
import { openStanding, type Standing } from './standing.js';
import { withSecrets } from './with-secrets.js';

export { newSecret, rotateDevelopmentSecrets } from '../adapters/secrets.js';
export { StartProblem } from '../entities/errors.js';

/** Replacements for tests. */
export interface Overrides {
  logger?: Logger;
  telemetry?: Telemetry;
  /** Shared by several nodes, and ended by none of them. */
  hasher?: PasswordHasher;
  /** Directory of the page. */
  publicDir?: string;
}

/** A node's parts, opened and wired, not yet serving. */
export interface Context extends Standing, Edge {
  logger: Logger;
  engine: Engine;
  services: Services;
  retention: Retention;
  /** Null: none are counted. */
  metrics: Metrics | null;
  /** Has the parts that are open already. */
  lifecycle: Lifecycle;
  /** Loads parts that the start does not need and that would block others later. Takes a quarter of a second. */
  warmUp(): void;
}

type Given = Required<Pick<Overrides, 'logger' | 'telemetry'>> & Overrides & { tracing: Tracing };

/** Opens the adapters and wires everything. On failure, everything opened is closed again. */
export async function createContext(config: Config, overrides: Overrides = {}): Promise<Context> {
  const lifecycle = new Lifecycle();
  try {
    return await wire(config, overrides, lifecycle);
  } catch (error) {
    await lifecycle.stop(0).catch(() => {});
    throw error;
  }
}

async function wire(given: Config, overrides: Overrides, lifecycle: Lifecycle): Promise<Context> {
  const { logger = createLogger(given.log), publicDir = PATHS.page } = overrides;
  const config = await withSecrets(given, logger, ensureDevelopmentSecrets);
  const metrics = openMetricsFor(config);
  const telemetry = overrides.telemetry ?? metrics?.telemetry ?? noTelemetry;
  const nodeId = `${hostname()}-${randomBytes(4).toString('hex')}`;
  const { version } = config.app;
  const { tracing, stop } = await openTracing(config.traces, { nodeId, version }, logger);
  lifecycle.opened('traces', stop);
  const chosen = { ...overrides, logger, telemetry, tracing };
  const adapters = await openAdapters(config, nodeId, chosen, lifecycle);
  const { db, engine, history } = adapters;
  const services = createServices(
    { ...adapters, failureOf: toFailure },
    serviceSettings(config, nodeId),
  );
  followHistory(history, engine.notices, services);
  const { own: process, isGone } = createProcessMarks();
  const node = { id: nodeId, hostname: hostname(), version, process };
  const standing = openStanding({ ...adapters, isGone }, node);
  const front = { ...adapters, ...standing, config, nodeId, publicDir, services, metrics };
  return {
    ...openEdge(front),
    ...standing,
    ...{ logger, engine, services, metrics, lifecycle },
    retention: new Retention(prunes(db, config.database.auditDays), logger, lostCalls(db)),
    warmUp: () => warmUp(adapters),
  };
}

type Adapters = Awaited<ReturnType<typeof openAdapters>>;

/** Opens everything below the domain. Each part is put on the list as soon as it is open. */
async function openAdapters(config: Config, nodeId: string, given: Given, lifecycle: Lifecycle) {
  const { logger, telemetry, tracing } = given;
  const stores = await openStores(config, nodeId, given, lifecycle);
  const clock = new FlushClock(config.generation.flushMs, (err) =>
    logger.error({ err }, 'flush failed'),
  );
  clock.start();
  lifecycle.opened('flush clock', () => clock.stop());
  const models = await openModels({ ...config.provider, times: clock }, logger);
  lifecycle.opened('models', models.close);
  return {
    ...stores,
    commonPasswords: openCommonPasswords(),
    importFiles: createImportFiles(tmpdir(), config.limits.importMaxBytes),
    webhookSender: createWebhookSender({ allowPrivate: config.webhooks.allowPrivate }),
    servers: models.servers,
    tokenizer: openTokenizer(),
    hasher: openHasher(config, given, lifecycle),
    ...{ clock, logger, telemetry, tracing },
  };
}

/** Postgres, and the engine that nodes share live. */
async function openStores(
  config: Config,
  nodeId: string,
  { logger, telemetry }: Given,
  lifecycle: Lifecycle,
) {
  const settings = { ...config.database, dataDir: config.dataDir };
  const database = await openDatabase(settings, logger, telemetry);
  lifecycle.opened('database', database.close);
  database.watch();
  const { db, history, pool } = database;
  const { id } = await db.deployment.read();
  const place = { redis: config.redis, nodeId, id };
  const { engine, sockets } = openEngine(place, database, logger, telemetry);
  await engine.start();
  lifecycle.opened('engine', () => engine.stop());
  await database.bus.start();
  return { db, history, pool, engine, sockets, deploymentId: id, now: () => history.now() };
}

function openHasher({ auth }: Config, { hasher: shared }: Given, lifecycle: Lifecycle) {
  if (shared) return shared;
  const hasher = createPasswordHasher({ cost: auth.bcryptCost });
  lifecycle.opened('password hasher', () => hasher.stop());
  return hasher;
}

function warmUp({ tokenizer, commonPasswords }: Pick<Adapters, 'tokenizer' | 'commonPasswords'>) {
  tokenizer.load();
  commonPasswords.load();
  // Node decodes the source map at the first stack.
  void new Error('warm-up').stack;
}

const openMetricsFor = ({ app, metrics }: Config): OpenMetrics | null =>
  metrics.port === null && metrics.token === null ? null : openMetrics(app.version);

/** Brings the schema up to date and ends: a step of a release before nodes start. */
export async function migrate(config: Config): Promise<void> {
  const logger = createLogger(config.log);
  const { close } = await openDatabase({ ...config.database, dataDir: config.dataDir }, logger);
  await close();
}

/** Serves the command line: the database, and notices to its nodes, without engine and model. Logs go to stderr. */
export async function openOperations(
  config: Config,
): Promise<Operations & { close(): Promise<void> }> {
  const logger = createLogger({ level: 'warn', pretty: false }, process.stderr);
  const database = { ...config.database, dataDir: config.dataDir };
  const { db, bus: notices, close } = await openDatabase(database, logger);
  const hasher = createPasswordHasher({ cost: config.auth.bcryptCost });
  const commonPasswords = openCommonPasswords();
  return {
    ...createOperations({ db, notices, hasher, commonPasswords }),
    close: () => hasher.stop().finally(close),
  };
}
