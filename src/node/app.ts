import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Config } from '../config/config.js';
import type { Gateway } from '../gateway/server.js';
import { allowLongRequests } from '../http/long-requests.js';
import { type MetricsServer, openMetricsServer } from '../http/metrics.js';
import { openStandby, type Standby } from '../http/standby.js';
import { type Context, createContext, type Overrides, StartProblem } from './context.js';

const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** How much longer a slow sender may continue. */
const CHECK_CONNECTIONS_MS = 3_000;
/** Longer than the idle time-outs of common load balancers, so that they close idle connections, not the node. */
const KEEP_ALIVE_MS = 65_000;
/** Sockets are told to reconnect, and closed at random moments within this time. */
const DRAIN_SOCKETS_MS = 5_000;
const DRAIN_ALONE_MS = 500;
/** A silent client does not respond to a close either. */
const GOODBYE_MS = 1_000;

/** One node, from its configuration to its end. */
export class App {
  #config: Config;
  #overrides: Overrides;
  #context: Context | null = null;
  #http: Server | null = null;
  #connections = new Set<Socket>();
  #gateway: Gateway | null = null;
  #metrics: MetricsServer | null = null;
  #starting: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;
  #giveUp = new AbortController();
  #onOusted = () => {};
  #onDrainAsked = () => {};

  private constructor(config: Config, overrides: Overrides) {
    this.#config = config;
    this.#overrides = overrides;
  }

  /** Opens nothing yet. */
  static create(config: Config, overrides: Overrides = {}): App {
    return new App(config, overrides);
  }

  /** The port it listens on; 0 before `start`. */
  get port(): number {
    const address = this.#http?.address() as AddressInfo | null | undefined;
    return address?.port ?? 0;
  }

  /** Resolves when the node serves. Idempotent. On failure, everything opened is closed again. */
  start(): Promise<void> {
    this.#starting ??= this.#start().catch(async (error: unknown) => {
      await this.#close();
      throw error;
    });
    return this.#starting;
  }

  /**
   * Drains for at most `drainMs`, then closes everything. Running answers continue meanwhile; unfinished ones go back
   * to the queue. Idempotent.
   */
  stop(drainMs = this.#config.generation.drainMs): Promise<void> {
    this.#stopping ??= this.#stop(drainMs);
    return this.#stopping;
  }

  /** Called when another node serves in place of this one: stop it. */
  onOusted(listener: () => void): void {
    this.#onOusted = listener;
  }

  /** Called when an administrator has asked the node to drain, perhaps more than once: stop it. */
  onDrainAsked(listener: () => void): void {
    this.#onDrainAsked = listener;
  }

  async #start(): Promise<void> {
    const context = await createContext(this.#config, this.#overrides);
    this.#context = context;
    const { port } = this.#config.metrics;
    if (context.metrics && port !== null)
      this.#metrics = await openMetricsServer(port, context.metrics, context.logger).catch(
        (error) => {
          throw explainListen(error, port, 'METRICS_PORT');
        },
      );
    if (!(await this.#admitted(context))) return;
    this.#http = createServer(
      {
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connectionsCheckingInterval: CHECK_CONNECTIONS_MS,
      },
      context.express,
    );
    allowLongRequests(this.#http);
    this.#http.on('connection', (socket) => this.#track(socket));
    this.#gateway = context.createGateway(this.#http);
    this.#gateway.start();
    context.health.onOusted(() => this.#onOusted());
    context.health.onDrainAsked(() => this.#onDrainAsked());
    await context.health.start();
    await listen(this.#http, this.#config.http.port);
    const url = `http://localhost:${this.port}`;
    context.logger.info({ port: this.port, engine: context.engine.kind, url }, 'listening');
    // Nothing has been read yet and no answer has begun, so no stream stalls and no lease expires.
    context.warmUp();
    context.services.scheduler.start();
    context.services.completionRuns.start();
    context.services.outbox.start();
    if (!this.#config.app.production) context.logger.info({}, `Parley is ready: ${url}`);
  }

  /** Until the node is admitted, requests get the reason. The scheduler has not begun, so nothing is claimed. */
  async #admitted({ admission, health, logger }: Context): Promise<boolean> {
    const standby: { open?: Promise<Standby> } = {};
    const admitted = await admission.admit(this.#giveUp.signal, (refusal) => {
      health.refused(refusal);
      standby.open ??= openStandby(this.#config.http.port, () => health.readiness(), logger);
    });
    health.refused(null);
    await (await standby.open)?.close();
    return admitted;
  }

  async #stop(drainMs: number): Promise<void> {
    this.#giveUp.abort();
    await this.#starting?.catch(() => {});
    if (this.#context) await this.#drain(this.#context, drainMs);
    await this.#close();
  }

  /**
   * If there are other nodes, sockets move there at once. A single node keeps its readers until their answers have
   * ended.
   */
  async #drain(
    { health, engine, services, streams, programs, logger }: Context,
    drainMs: number,
  ): Promise<void> {
    const { scheduler, completionRuns } = services;
    const ended = () => Promise.all([scheduler.stop(drainMs), completionRuns.stop(drainMs)]);
    logger.info({ running: scheduler.running, drainMs }, 'draining');
    health.drain();
    const imports = services.imports.stop();
    const calls = programs.stop(drainMs);
    if (engine.kind === 'memory') {
      await ended();
      streams.close();
      await this.#gateway?.drain(Math.min(drainMs, DRAIN_ALONE_MS));
    } else {
      streams.close();
      const sockets = this.#gateway?.drain(Math.min(drainMs, DRAIN_SOCKETS_MS));
      await Promise.all([ended(), sockets]);
    }
    await services.outbox.stop();
    await Promise.all([imports, calls]);
  }

  async #close(): Promise<void> {
    const context = this.#context;
    if (!context) return;
    const closed = this.#gateway?.stop();
    // A request that waits for its response would keep the server open for ever.
    this.#http?.closeAllConnections();
    const cut = setTimeout(() => this.#cutConnections(), GOODBYE_MS);
    await closed;
    clearTimeout(cut);
    await this.#metrics?.close();
    await context.health.stop();
    await context.close();
    context.logger.info({}, 'stopped');
  }

  /** Node's server does not count connections that became websockets. */
  #track(socket: Socket): void {
    if (this.#connections.has(socket)) return;
    this.#connections.add(socket);
    // It comes once, and `once` would keep two more objects per connection.
    socket.on('close', () => this.#connections.delete(socket));
  }

  #cutConnections(): void {
    for (const socket of this.#connections) socket.destroy();
  }
}

const REMEDIES: Record<string, (port: number, variable: string) => string> = {
  EADDRINUSE: (port, variable) =>
    `Port ${port} is in use: stop the program that uses it, or set ${variable} to another one.`,
  EACCES: (port, variable) => `No right to use port ${port}: set ${variable} to one above 1023.`,
};

/** What an operator can mend is one sentence. */
function explainListen(error: NodeJS.ErrnoException, port: number, variable: string): Error {
  const remedy = REMEDIES[error.code ?? ''];
  return remedy ? new StartProblem(remedy(port, variable), { cause: error }) : error;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(explainListen(error, port, 'PORT')));
    server.listen(port, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
