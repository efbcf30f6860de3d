import type { Logger } from '../domain/logger.js';
import type { Services } from '../domain/services.js';
import type { Engine } from '../ports/engine.js';
import type { History } from '../ports/history.js';
import type { ScreenRepository } from '../ports/repositories/screen-repository.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { Tracing } from '../ports/tracing.js';
import type { HandshakeDeps } from './connection/handshake.js';
import type { FloodGuard } from './flood/flood-guard.js';
import type { Greeting, Sockets } from './socket-server.js';

export interface GatewayDeps {
  services: Services;
  handshake: HandshakeDeps;
  floods: FloodGuard;
  engine: Engine;
  screens: ScreenRepository;
  /** Null if there are no other nodes. */
  sockets: Sockets | null;
  history: Pick<History, 'now' | 'onChange'>;
  logger: Logger;
  telemetry: Telemetry;
  tracing: Pick<Tracing, 'event'>;
}

export interface GatewayOptions extends Greeting {
  corsOrigins: string[];
  /** How often all sessions are rechecked. */
  recheckMs: number;
}
