import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { hostname, tmpdir } from 'node:os';
import type { Express } from 'express';
import type { Logger } from 'pino';
import { createPasswordHasher } from '../adapters/bcrypt/password-hasher.js';
import { openCommonPasswords } from '../adapters/common-passwords.js';
import { createImportFiles } from '../adapters/imports/import-files.js';
import { openEngine } from '../adapters/open-engine.js';
import { openModels } from '../adapters/openai/open-model.js';
import { openTokenizer } from '../adapters/openai/tokenizer.js';
import { openDatabase } from '../adapters/postgres/open-database.js';
import { createProcessMarks } from '../adapters/process-marks.js';
import { type OpenMetrics, openMetrics } from '../adapters/prometheus/metrics.js';
import { ensureDevelopmentSecrets } from '../adapters/secrets.js';
import type { Config } from '../config/config.js';
import { PATHS } from '../config/paths.js';
import { GuessGuard } from '../domain/accounts/guess-guard.js';
import { FlushClock } from '../domain/answers/flush-clock.js';
import { createLimit } from '../domain/limits/rate-rules.js';
import { NodeHealth } from '../domain/node-health.js';
import { createOperations, type Operations } from '../domain/operations.js';
import { type Prune, Retention } from '../domain/retention.js';
import { createServices, type Services } from '../domain/services.js';
import { Standing } from '../domain/standing.js';
import type { Gateway } from '../gateway/server.js';
import { AnswerStreams } from '../http/answer-streams.js';
import { createHttpApp } from '../http/app.js';
import { OriginGuard } from '../http/origin-guard.js';
import { createProxyReader } from '../http/proxy.js';
import { UnreadResponses } from '../http/unread-responses.js';
import type { Engine } from '../ports/engine.js';
import type { History } from '../ports/history.js';
import type { Metrics } from '../ports/metrics.js';
import type { NodeNotices } from '../ports/node-notices.js';
import type { PasswordHasher } from '../ports/password-hasher.js';
import type { Database } from '../ports/repositories.js';
import { noTelemetry, type Telemetry } from '../ports/telemetry.js';
import { openGateway } from './gateway.js';
import { createLogger } from './logger.js';
import { serviceSettings, userQueues } from './settings.js';

export { newSecret, rotateDevelopmentSecrets } from '../adapters/secrets.js';
export { StartProblem } from '../model/errors.js';

/** Replacements for tests. */
export interface Overrides {
  logger?: Logger;
  telemetry?: Telemetry;
  /** Shared by several nodes, and ended by none of them. */
  hasher?: PasswordHasher;
}

/** A node's parts, opened and wired, not yet serving. */
export interface Context {
  logger: Logger;
  engine: Engine;
  health: NodeHealth;
  /** Whether this node may serve beside the others on its database. */
  standing: Standing;
  services: Services;
  express: Express;
  streams: Pick<AnswerStreams, 'close'>;
  /** Null: none are counted. */
  metrics: Metrics | null;
  /** Puts the gateway on the HTTP server. */
  createGateway(http: Server): Gateway;
  /** Loads parts that the start does not need and that would block others later. Takes a quarter of a second. */
  warmUp(): void;
  /** Closes what was opened, in reverse order. */
  close(): Promise<void>;
}

type Close = () => Promise<void>;
type Given = Required<Pick<Overrides, 'logger' | 'telemetry'>> & Overrides;

/** Opens the adapters and wires everything. On failure, everything opened is closed again. */
export async function createContext(config: Config, overrides: Overrides = {}): Promise<Context> {
  const closing: Close[] = [];
  const close = () => closeAll(closing.splice(0).reverse());
  try {
    return await wire(config, overrides, closing, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** Runs every step, even if earlier ones fail. @throws the first error */
async function closeAll(steps: Close[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) await step().catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}

/** Everything below the domain. Opened parts are put on `closing` at once. */
async function openAdapters(
  config: Config,
  nodeId: string,
  { logger, telemetry, hasher: shared }: Given,
  closing: Close[],
) {
  const settings = { ...config.database, dataDir: config.dataDir };
  const database = await openDatabase(settings, logger, telemetry);
  closing.push(database.close);
  database.watch();
  const { db, history } = database;
  const { id } = await db.deployment.read();
  const place = { redis: config.redis, nodeId, id };
  const { engine, sockets } = openEngine(place, database, logger, telemetry);
  await engine.start();
  closing.push(() => engine.stop());
  await database.bus.start();
  const clock = new FlushClock(config.generation.flushMs, (err) =>
    logger.error({ err }, 'flush failed'),
  );
  clock.start();
  closing.push(async () => clock.stop());
  const models = await openModels({ ...config.provider, times: clock }, logger);
  closing.push(models.close);
  const hasher = shared ?? createPasswordHasher({ cost: config.auth.bcryptCost });
  if (!shared) closing.push(() => hasher.stop());
  return {
    commonPasswords: openCommonPasswords(),
    db,
    history,
    pool: database.pool,
    now: () => history.now(),
    deploymentId: id,
    engine,
    importFiles: createImportFiles(tmpdir(), config.limits.importMaxBytes),
    sockets,
    servers: models.servers,
    tokenizer: openTokenizer(),
    hasher,
    clock,
    logger,
    telemetry,
  };
}

async function wire(
  given: Config,
  overrides: Overrides,
  closing: Close[],
  close: Close,
): Promise<Context> {
  const { logger = createLogger(given.log) } = overrides;
  const config = await withSecrets(given, logger);
  const metrics = openMetricsFor(config);
  const telemetry = overrides.telemetry ?? metrics?.telemetry ?? noTelemetry;
  const nodeId = `${hostname()}-${randomBytes(4).toString('hex')}`;
  const adapters = await openAdapters(config, nodeId, { ...overrides, logger, telemetry }, closing);
  const { db, engine, history } = adapters;
  const services = createServices(adapters, serviceSettings(config, nodeId));
  followHistory(history, engine.notices, services);
  const { own: process, isGone } = createProcessMarks();
  const node = { id: nodeId, hostname: hostname(), version: config.app.version, process };
  const standing = new Standing({ ...adapters, isGone }, node);
  const health = new NodeHealth(db, engine.health, standing, logger);
  engine.notices.onNotice((notice) => {
    if (notice.type === 'drain' && notice.nodeId === nodeId) void health.hurry();
  });
  const retention = new Retention(prunes(db, config.database.auditDays), logger);
  for (const part of [retention, services.erasure, services.imports]) {
    part.start();
    closing.push(() => part.stop());
  }
  closing.push(() => services.titles.stop());
  const limit = createLimit(engine.limiter, config.limits, telemetry);
  const addressesOf = (email: string) => db.sessions.addressesOf(email);
  const guard = new GuessGuard(
    { limit, delays: engine.delays, addressesOf, telemetry },
    config.limits.scale,
  );
  const readiness = () => health.readiness();
  const models = () => services.models.list();
  const proxy = createProxyReader(config.http.trustProxy);
  const origins = new OriginGuard(proxy, config.http, logger);
  const queues = userQueues(config.limits.scale);
  const streams = new AnswerStreams(
    {
      rights: services.rights,
      telemetry,
      charge: (userId, bytes) => queues.reads.charge(userId, bytes),
    },
    config.limits.scale,
  );
  const express = createHttpApp({
    ...services,
    config,
    importFiles: adapters.importFiles,
    hostOf: (request) => proxy.hostOf(request),
    allowsOrigin: (request) => origins.allows(request),
    models,
    limit,
    unread: new UnreadResponses(),
    queue: queues.reads,
    streams,
    guard,
    readiness,
    metrics: onMainPort(config, metrics),
    publicDir: PATHS.page,
    logger,
  });
  const queue = queues.events;
  const front = { ...adapters, config, nodeId, services, limit, proxy, origins, queue };
  const createGateway = (http: Server) => {
    const gateway = openGateway(http, front);
    metrics?.watch({
      sockets: () => gateway.sockets,
      pool: adapters.pool,
      queue: () => db.generations.waiting(),
    });
    return gateway;
  };
  const warmUp = () => {
    adapters.tokenizer.load();
    adapters.commonPasswords.load();
    // For the first stack Node decodes the source map.
    void new Error('warm-up').stack;
  };
  const parts = { logger, engine, health, standing, services, express, streams, metrics };
  return { ...parts, createGateway, warmUp, close };
}

const openMetricsFor = ({ app, metrics }: Config): OpenMetrics | null =>
  metrics.port === null && metrics.token === null ? null : openMetrics(app.version);

/** A port of their own has all of them. */
function onMainPort({ metrics: { port, token } }: Config, source: Metrics | null) {
  return source && port === null && token !== null ? { source, token } : null;
}

/** Tells the other nodes that the data have gone back in time, in case their own connections do not show it. */
function followHistory(history: History, notices: NodeNotices, { scheduler }: Services): void {
  history.onChange((mark) => {
    scheduler.recheck();
    void notices.send({ type: 'history', mark });
  });
  notices.onNotice((notice) => {
    if (notice.type === 'history') history.told(notice.mark);
  });
}

/** With 0 days, the audit log keeps everything. */
function prunes(
  { audit, imports, invitations, keys, sessions, screens, tree, usage }: Database,
  auditDays: number,
): Map<string, Prune> {
  const jobs = new Map<string, Prune>([
    ['sessions', (rows) => sessions.prune(rows)],
    ['keys', (rows) => keys.prune(rows)],
    ['list changes', (rows) => screens.prune(rows)],
    ['reservations', (rows) => usage.prune(rows)],
    ['imports', (rows) => imports.prune(rows)],
    ['invitations', (rows) => invitations.prune(rows)],
    ['keys of erased messages', (rows) => tree.prune(rows)],
  ]);
  if (auditDays > 0) jobs.set('audit log', (rows) => audit.prune(auditDays, rows));
  return jobs;
}

/** Brings the schema up to date and ends: a step of a release before nodes start. */
export async function migrate(config: Config): Promise<void> {
  const logger = createLogger(config.log);
  const { close } = await openDatabase({ ...config.database, dataDir: config.dataDir }, logger);
  await close();
}

/** For the command line: the database, and notices to its nodes, without engine and model. Logs go to stderr. */
export async function openOperations(config: Config): Promise<Operations & { close: Close }> {
  const logger = createLogger({ level: 'warn', pretty: false }, process.stderr);
  const database = { ...config.database, dataDir: config.dataDir };
  const { db, bus: notices, close } = await openDatabase(database, logger);
  const hasher = createPasswordHasher({ cost: config.auth.bcryptCost });
  const commonPasswords = openCommonPasswords();
  return {
    ...createOperations({ db, notices, hasher, commonPasswords }),
    close: () => closeAll([() => hasher.stop(), close]),
  };
}

/** In development, missing secrets are created once and kept in the data directory. */
async function withSecrets(config: Config, logger: Logger): Promise<Config> {
  const { secretKeys, refreshSecretKeys } = config.auth;
  if (secretKeys.length > 0 && refreshSecretKeys.length > 0) return config;
  const made = await ensureDevelopmentSecrets(config.dataDir);
  logger.warn(
    { dir: config.dataDir },
    'SECRET_KEY or REFRESH_SECRET_KEY not set: using secrets made for this directory',
  );
  const auth = {
    ...config.auth,
    secretKeys: secretKeys.length > 0 ? secretKeys : made.secretKeys,
    refreshSecretKeys: refreshSecretKeys.length > 0 ? refreshSecretKeys : made.refreshSecretKeys,
  };
  return { ...config, auth };
}
