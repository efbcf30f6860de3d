import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Express } from 'express';
import type { Logger } from '../domain/logger.js';
import type { Gateway } from '../gateway/server.js';
import { listen } from '../http/listen.js';
import { allowLongRequests } from '../http/long-requests.js';

const TIMES = {
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  /** Common load balancers have shorter idle time-outs, so they close idle connections, not the node. */
  keepAliveTimeout: 65_000,
  /** How much longer a slow sender may continue. */
  connectionsCheckingInterval: 3_000,
};
/** A silent client does not respond to a close either. */
const GOODBYE_MS = 1_000;

export interface FrontDeps {
  express: Express;
  logger: Logger;
  createGateway(http: Server): Gateway;
}

/** The HTTP server of a node, with the gateway on it. */
export class Front {
  readonly #deps: FrontDeps;
  readonly #connections = new Set<Socket>();
  #http: Server | null = null;
  #gateway: Gateway | null = null;

  constructor(deps: FrontDeps) {
    this.#deps = deps;
  }

  /** The port it listens on; 0 before. */
  get port(): number {
    const address = this.#http?.address() as AddressInfo | null | undefined;
    return address?.port ?? 0;
  }

  open(): void {
    const http = createServer(TIMES, this.#deps.express);
    allowLongRequests(http);
    http.on('connection', (socket) => this.#track(socket));
    this.#http = http;
    this.#gateway = this.#deps.createGateway(http);
    this.#gateway.start();
  }

  /** Call it after `open`. @throws Error if it cannot listen at this port */
  async listen(port: number): Promise<void> {
    if (this.#http) await listen(this.#http, port, this.#deps.logger);
  }

  /** Moves the sockets elsewhere. */
  async drain(withinMs: number): Promise<void> {
    await this.#gateway?.drain(withinMs);
  }

  /** Closes the server and every connection. */
  async stop(): Promise<void> {
    const closed = this.#gateway?.stop();
    // A request that waits for its response would keep the server open for ever.
    this.#http?.closeAllConnections();
    const cut = setTimeout(() => this.#cutConnections(), GOODBYE_MS);
    await closed;
    clearTimeout(cut);
  }

  /** Node's server does not count connections that became websockets. */
  #track(socket: Socket): void {
    if (this.#connections.has(socket)) return;
    this.#connections.add(socket);
    // `close` comes once, and `once` would keep two more objects per connection.
    socket.on('close', () => this.#connections.delete(socket));
  }

  #cutConnections(): void {
    for (const socket of this.#connections) socket.destroy();
  }
}
