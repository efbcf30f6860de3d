import type { Server } from 'node:http';
import type { Express } from 'express';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { GuessGuard } from '../domain/accounts/guess-guard.js';
import { createLimit, type Limit } from '../domain/limits/rate-rules.js';
import type { NodeHealth } from '../domain/nodes/node-health.js';
import type { Services } from '../domain/services.js';
import type { GatewayDeps } from '../gateway/deps.js';
import type { Gateway } from '../gateway/server.js';
import { createHttpApp } from '../http/app.js';
import { OriginGuard } from '../http/origin-guard.js';
import { ProgramCalls } from '../http/program-calls.js';
import { createProxyReader } from '../http/proxy.js';
import { AnswerStreams } from '../http/streams/answer-streams.js';
import { UnreadResponses } from '../http/unread-responses.js';
import type { Engine } from '../ports/engine.js';
import type { History } from '../ports/history.js';
import type { ImportFiles } from '../ports/import-files.js';
import type { Gauges, Metrics } from '../ports/metrics.js';
import type { Database } from '../ports/repositories/repositories.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { Tracing } from '../ports/tracing.js';
import { openGateway } from './gateway.js';
import { pageBuild } from './page-build.js';
import { userQueues } from './settings.js';

export interface EdgeParts {
  config: Config;
  nodeId: string;
  /** Directory of the page. */
  publicDir: string;
  db: Database;
  history: History;
  pool: Gauges['pool'];
  engine: Engine;
  sockets: GatewayDeps['sockets'];
  importFiles: ImportFiles;
  services: Services;
  health: NodeHealth;
  /** Null: none are counted. */
  metrics: (Metrics & { watch(gauges: Gauges): void }) | null;
  logger: Logger;
  telemetry: Telemetry;
  tracing: Tracing;
}

/** The first parts that requests and sockets come to. */
export interface Edge {
  express: Express;
  streams: AnswerStreams;
  programs: ProgramCalls;
  /** Puts the gateway on the HTTP server. */
  createGateway(http: Server): Gateway;
}

export function openEdge(parts: EdgeParts): Edge {
  const { config, engine, services, telemetry, logger } = parts;
  const { scale } = config.limits;
  const limit = createLimit(engine.limiter, config.limits, telemetry);
  const proxy = createProxyReader(config.http.trustProxy);
  const origins = new OriginGuard(proxy, config.http, logger);
  const { reads, events: queue } = userQueues(scale);
  const { rights } = services;
  const charge = (userId: number, bytes: number) => reads.charge(userId, bytes);
  const streams = new AnswerStreams({ rights, telemetry, charge }, scale);
  const programs = new ProgramCalls({ rights, telemetry }, scale);
  const express = createHttpApp({
    ...{ ...services, ...parts, ...modelLookups(services) },
    ...{ limit, queue: reads, streams, programs },
    hostOf: (request) => proxy.hostOf(request),
    allowsOrigin: (request) => origins.allows(request),
    unread: new UnreadResponses(),
    guard: createGuessGuard(parts, limit),
    readiness: () => parts.health.readiness(),
    metrics: onMainPort(parts),
  });
  const front = { ...parts, page: pageBuild(parts.publicDir), limit, proxy, origins, queue };
  const createGateway = (http: Server) => watched(openGateway(http, front), parts);
  return { express, streams, programs, createGateway };
}

const modelLookups = ({ models }: Services) => ({
  models: () => models.list(),
  findModel: (name: string) => models.find(name),
});

function createGuessGuard({ config, db, engine, telemetry }: EdgeParts, limit: Limit): GuessGuard {
  const addressesOf = (email: string) => db.sessions.addressesOf(email);
  const { delays } = engine;
  return new GuessGuard({ limit, delays, addressesOf, telemetry }, config.limits.scale);
}

/** The metrics' own port has all of them. */
function onMainPort({ config, metrics: source }: EdgeParts) {
  const { port, token } = config.metrics;
  return source && port === null && token !== null ? { source, token } : null;
}

function watched(gateway: Gateway, { metrics, pool, db }: EdgeParts): Gateway {
  metrics?.watch({
    sockets: () => gateway.sockets,
    pool,
    queue: () => db.generations.waiting(),
  });
  return gateway;
}
