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
import { openTracing } from '../adapters/opentelemetry/open-tracing.js';
import { openDatabase } from '../adapters/postgres/open-database.js';
import { createProcessMarks } from '../adapters/process-marks.js';
import { type OpenMetrics, openMetrics } from '../adapters/prometheus/metrics.js';
import { createWebhookSender } from '../adapters/webhooks/sender.js';
import type { Config } from '../config/config.js';
import { PATHS } from '../config/paths.js';
import { GuessGuard } from '../domain/accounts/guess-guard.js';
import { FlushClock } from '../domain/answers/flush-clock.js';
import { createLimit } from '../domain/limits/rate-rules.js';
import { NodeAdmission } from '../domain/node-admission.js';
import { NodeHealth } from '../domain/node-health.js';
import { createOperations, type Operations } from '../domain/operations.js';
import { Retention } from '../domain/retention.js';
import { createServices, type Services } from '../domain/services.js';
import type { Gateway } from '../gateway/server.js';
import { AnswerStreams } from '../http/answer-streams.js';
import { createHttpApp } from '../http/app.js';
import { toFailure } from '../http/openai-problem.js';
import { OriginGuard } from '../http/origin-guard.js';
import { ProgramCalls } from '../http/program-calls.js';
import { createProxyReader } from '../http/proxy.js';
import { UnreadResponses } from '../http/unread-responses.js';
import type { Engine } from '../ports/engine.js';
import type { Metrics } from '../ports/metrics.js';
import type { PasswordHasher } from '../ports/password-hasher.js';
import { noTelemetry, type Telemetry } from '../ports/telemetry.js';
import type { Tracing } from '../ports/tracing.js';
import { followHistory } from './follow-history.js';
import { openGateway } from './gateway.js';
import { createLogger } from './logger.js';
import { pageBuild } from './page-build.js';
import { prunes } from './prunes.js';
import { serviceSettings, userQueues } from './settings.js';
import { withSecrets } from './with-secrets.js';

export { newSecret, rotateDevelopmentSecrets } from '../adapters/secrets.js';

import { ensureDevelopmentSecrets } from '../adapters/secrets.js';

export { StartProblem } from '../model/errors.js';

/** Replacements for tests. */
export interface Overrides {
  logger?: Logger;
  telemetry?: Telemetry;
  /** Shared by several nodes, and ended by none of them. */
  hasher?: PasswordHasher;
  /** Where the page lies. */
  publicDir?: string;
}

/** A node's parts, opened and wired, not yet serving. */
export interface Context {
  logger: Logger;
  engine: Engine;
  health: NodeHealth;
  /** Whether this node may serve beside the others on its database. */
  admission: NodeAdmission;
  services: Services;
  express: Express;
  streams: Pick<AnswerStreams, 'close'>;
  programs: Pick<ProgramCalls, 'stop'>;
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
type Given = Required<Pick<Overrides, 'logger' | 'telemetry'>> & Overrides & { tracing: Tracing };

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
  { logger, telemetry, tracing, hasher: shared }: Given,
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
    webhookSender: createWebhookSender({ allowPrivate: config.webhooks.allowPrivate }),
    sockets,
    servers: models.servers,
    tokenizer: openTokenizer(),
    hasher,
    clock,
    logger,
    telemetry,
    tracing,
  };
}

async function wire(
  given: Config,
  overrides: Overrides,
  closing: Close[],
  close: Close,
): Promise<Context> {
  const { logger = createLogger(given.log), publicDir = PATHS.page } = overrides;
  const config = await withSecrets(given, logger, ensureDevelopmentSecrets);
  const metrics = openMetricsFor(config);
  const telemetry = overrides.telemetry ?? metrics?.telemetry ?? noTelemetry;
  const nodeId = `${hostname()}-${randomBytes(4).toString('hex')}`;
  const { version } = config.app;
  const traces = await openTracing(config.traces, { nodeId, version }, logger);
  closing.push(traces.stop);
  const { tracing } = traces;
  const chosen = { ...overrides, logger, telemetry, tracing };
  const adapters = await openAdapters(config, nodeId, chosen, closing);
  const { db, engine, history } = adapters;
  const services = createServices(
    { ...adapters, failureOf: toFailure },
    serviceSettings(config, nodeId),
  );
  followHistory(history, engine.notices, services);
  const { own: process, isGone } = createProcessMarks();
  const node = { id: nodeId, hostname: hostname(), version, process };
  const admission = new NodeAdmission({ ...adapters, isGone }, node);
  const health = new NodeHealth(db, engine.health, admission, logger);
  engine.notices.onNotice((notice) => {
    if (notice.type === 'drain' && notice.nodeId === nodeId) void health.hurry();
  });
  const retention = new Retention(prunes(db, config.database.auditDays), logger);
  for (const part of [retention, services.erasure, services.imports, services.callsHeld]) {
    part.start();
    closing.push(() => part.stop());
  }
  for (const part of [services.titles, services.outbox, services.owed])
    closing.push(() => part.stop());
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
  const programs = new ProgramCalls({ rights: services.rights, telemetry }, config.limits.scale);
  const express = createHttpApp({
    ...services,
    config,
    importFiles: adapters.importFiles,
    hostOf: (request) => proxy.hostOf(request),
    allowsOrigin: (request) => origins.allows(request),
    models,
    findModel: (name) => services.models.find(name),
    programs,
    limit,
    unread: new UnreadResponses(),
    queue: queues.reads,
    streams,
    guard,
    readiness,
    metrics: onMainPort(config, metrics),
    tracing,
    publicDir,
    logger,
  });
  const queue = queues.events;
  const page = pageBuild(publicDir);
  const front = { ...adapters, config, nodeId, page, services, limit, proxy, origins, queue };
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
  const parts = {
    logger,
    engine,
    health,
    admission,
    services,
    express,
    streams,
    programs,
    metrics,
  };
  return { ...parts, createGateway, warmUp, close };
}

const openMetricsFor = ({ app, metrics }: Config): OpenMetrics | null =>
  metrics.port === null && metrics.token === null ? null : openMetrics(app.version);

/** A port of their own has all of them. */
function onMainPort({ metrics: { port, token } }: Config, source: Metrics | null) {
  return source && port === null && token !== null ? { source, token } : null;
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
