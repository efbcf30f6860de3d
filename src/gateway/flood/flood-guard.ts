import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '../../contract/errors.js';
import { KeyedBuckets } from '../../domain/limits/keyed-buckets.js';
import type { Limit } from '../../domain/limits/rate-rules.js';
import { Shares } from '../../domain/limits/shares.js';
import type { UserQueue } from '../../domain/limits/user-queue.js';
import { rateLimited } from '../../entities/errors.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { cutOff } from '../connection/cut-off.js';
import type { ParleyServer, ParleySocket } from '../types.js';
import { HandshakeError } from '../wire-error.js';
import { FloodMeters } from './flood-meters.js';

/** The limits are already scaled; Infinity switches a limit off. */
export interface FloodSettings {
  packetsPerSecond: number;
  bytesPerSecond: number;
  connectionsPerUser: number;
  connectionsPerAddress: number;
}

export interface FloodDeps {
  addressOf(request: IncomingMessage): string;
  limit: Limit;
  /** New connections of an address. */
  connections: KeyedBuckets;
  settings: FloodSettings;
  telemetry: Telemetry;
  /** The queue of users' events. */
  queue: UserQueue;
}

const RETRY_AFTER_MS = 5_000;
/** Cost of a flood in handshakes. A client that floods one connection after another soon gets no new ones. */
const FLOOD_COST = 30;
/** Cost of a connection on which nobody logged in, in handshakes. */
const WASTED_COST = 5;
/** Refusals of handshakes that are not the client's mistake. */
const EXCUSED: ReadonlySet<string> = new Set<ErrorCode>([
  'token_expired',
  'session_revoked',
  'key_revoked',
  'account_disabled',
  'unavailable',
  'internal',
]);
/** Refused events of a user, on all sockets together, before sockets are dropped. */
const REFUSALS = { burst: 200, perSecond: 5 };

/** Keeps one client from taking a node away from the others. */
export class FloodGuard {
  readonly meters: FloodMeters;
  readonly queue: UserQueue;
  #deps: FloodDeps;
  #refusals: KeyedBuckets;
  #users: Shares<number>;
  #addresses: Shares<string>;
  #useful = new WeakSet<object>();

  constructor(deps: FloodDeps) {
    const { settings, queue } = deps;
    const limited = Number.isFinite(settings.packetsPerSecond);
    this.#deps = deps;
    this.meters = new FloodMeters(limited ? settings : null);
    this.queue = queue;
    this.#refusals = new KeyedBuckets(REFUSALS.perSecond, REFUSALS.burst);
    this.#users = new Shares({ perKey: settings.connectionsPerUser });
    this.#addresses = new Shares({ perKey: settings.connectionsPerAddress });
  }

  start(io: ParleyServer): void {
    const { addressOf, connections, telemetry } = this.#deps;
    io.engine.on('connection', (connection: ParleySocket['conn']) => {
      const address = addressOf(connection.request);
      this.meters.watch(connection, () => {
        telemetry.limited({ limit: 'flood' });
        connections.charge(address, FLOOD_COST);
      });
      const release = this.#addresses.take(address);
      // `close` comes once, and `once` would keep two more objects per connection; the same below.
      connection.on('close', () => {
        release?.();
        if (!this.#useful.has(connection)) connections.charge(address, WASTED_COST);
      });
    });
  }

  /** Whether an address has reached its number of connections. */
  isFull(address: string): boolean {
    return this.#addresses.shortage(address) !== null;
  }

  /** A handshake refused for a reason that the client could not know does not count as a wasted connection. */
  excuse(connection: object, { data }: HandshakeError): void {
    if (EXCUSED.has(data.code)) this.#useful.add(connection);
  }

  /** Ends a socket of a user who floods. The cost goes to the user, not to the address, which others may share. */
  drop(socket: ParleySocket): void {
    if (!socket.connected) return;
    const { userId } = socket.data.principal;
    this.#deps.telemetry.limited({ limit: 'flood' });
    this.#deps.limit('handshake', `user ${userId}`, FLOOD_COST).catch(() => {});
    cutOff(socket.conn, () => socket.disconnect(true));
  }

  /** A connection may have lost its socket, or not have it yet, in which case nothing else would end it. */
  #end(socket: ParleySocket): void {
    if (socket.connected) this.drop(socket);
    else cutOff(socket.conn, () => socket.conn.close(true));
  }

  /** Counts a refused event. True: the user has too many, and the socket must be dropped. */
  refused(userId: number): boolean {
    return this.#refusals.take(String(userId)) > 0;
  }

  /** Socket.IO middleware after the handshake: bounds the sockets of one user on this node. */
  admit(socket: ParleySocket, next: (error?: HandshakeError) => void): void {
    const { principal, language } = socket.data;
    // A connection that closed during the handshake never tells it again. Socket.IO drops its socket.
    if (socket.conn.readyState !== 'open') {
      next();
      return;
    }
    const release = this.#users.take(principal.userId);
    if (!release) {
      this.#deps.telemetry.limited({ limit: 'user_connections' });
      next(new HandshakeError(rateLimited(RETRY_AFTER_MS), language));
      return;
    }
    const logOut = this.meters.logIn(socket.conn, () => this.#end(socket));
    socket.on('disconnect', () => {
      release();
      logOut();
    });
    socket.conn.on('close', release);
    this.#useful.add(socket.conn);
    next();
  }
}
