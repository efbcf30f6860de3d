import type { IncomingMessage, Server } from 'node:http';
import type { Config } from '../config/config.js';
import { cookieNames } from '../contract/cookies.js';
import { addressKey } from '../domain/limits/address.js';
import type { Limit } from '../domain/limits/rate-rules.js';
import type { UserQueue } from '../domain/limits/user-queue.js';
import type { Logger } from '../domain/logger.js';
import type { Services } from '../domain/services.js';
import type { HandshakeDeps } from '../gateway/connection/handshake.js';
import { serveOneByOne } from '../gateway/connection/one-by-one.js';
import { servePlainly } from '../gateway/connection/plain-http.js';
import type { GatewayDeps } from '../gateway/deps.js';
import { Door } from '../gateway/flood/door.js';
import { FloodGuard } from '../gateway/flood/flood-guard.js';
import { FloodReport } from '../gateway/flood/flood-report.js';
import {
  addressConnections,
  addressRequests,
  floodSettings,
} from '../gateway/flood/flood-settings.js';
import { Gateway } from '../gateway/server.js';
import type { OriginGuard } from '../http/origin-guard.js';
import { isOwnPoll } from '../http/origin-policy.js';
import type { ProxyReader } from '../http/proxy.js';
import { refuseRequest } from '../http/refusal.js';
import type { History } from '../ports/history.js';
import type { Database } from '../ports/repositories/repositories.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { Tracing } from '../ports/tracing.js';
import { gatewayOptions } from './settings.js';

export interface GatewayParts extends Pick<GatewayDeps, 'engine' | 'sockets'> {
  config: Config;
  nodeId: string;
  /** The build of the page that the node serves. */
  page: string | null;
  db: Pick<Database, 'screens'>;
  history: Pick<History, 'now' | 'onChange'>;
  services: Services;
  limit: Limit;
  proxy: ProxyReader;
  origins: OriginGuard;
  /** Queue of users' events. */
  queue: UserQueue;
  logger: Logger;
  telemetry: Telemetry;
  tracing: Tracing;
}

/** Puts the gateway on the HTTP server, and the flood guard before both. */
export function openGateway(http: Server, parts: GatewayParts): Gateway {
  const { config, nodeId, page, db, limit, queue, logger, telemetry } = parts;
  const { limits } = config;
  const handshake = handshakeDeps(parts);
  const addressOf = (request: IncomingMessage) => addressKey(handshake.addressOf(request));
  const connections = addressConnections(limits);
  const floods = new FloodGuard({
    ...{ addressOf, limit, queue, telemetry },
    connections: connections.budget,
    settings: floodSettings(limits),
  });
  const deps = { ...parts, screens: db.screens, handshake, floods };
  const gateway = new Gateway(http, deps, gatewayOptions(config, nodeId, page));
  serveOneByOne(http);
  new Door({
    ...{ addressOf, connections, telemetry },
    requests: addressRequests(limits),
    isFull: (address) => floods.isFull(address),
    refuse: refuseRequest,
    report: new FloodReport(logger),
  }).guard(http);
  servePlainly(http);
  return gateway;
}

function handshakeDeps({
  config,
  services: { bearers },
  limit,
  proxy: { addressOf },
  origins,
  logger,
}: GatewayParts): HandshakeDeps {
  return {
    async authenticate(shown, address) {
      const { user: _, ...principal } = await bearers.identify(shown, {
        user: (userId) => limit('handshake', `user ${userId}`),
        stranger: () => limit('request', address),
      });
      return principal;
    },
    accessCookie: cookieNames(config.auth.cookieSecure).access,
    isAllowedOrigin: (request) => isOwnPoll(request.headers) || origins.allows(request),
    addressOf,
    limit,
    logger,
  };
}
