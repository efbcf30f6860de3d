import type { IncomingMessage } from 'node:http';
import { AddressBuckets } from '../../domain/address-buckets.js';
import { rateLimited } from '../../domain/errors.js';
import type { ParleyServer, ParleySocket } from '../types.js';
import { HandshakeError } from '../wire-error.js';
import { createFloodGate } from './flood-gate.js';
import { FloodMeters } from './flood-meters.js';
import { Places } from './places.js';
import { UserTurns } from './user-turns.js';

/** Already scaled; Infinity switches a limit off. */
export interface FloodSettings {
  packetsPerSecond: number;
  bytesPerSecond: number;
  connectionsPerUser: number;
  connectionsPerAddress: number;
  handshakesPerMinute: number;
}

export interface FloodDeps {
  addressOf(request: IncomingMessage): string;
  /** Shared with REST. */
  requests: AddressBuckets;
  settings: FloodSettings;
}

const RETRY_AFTER_MS = 5_000;
/** In handshakes: who floods one connection after the other soon makes no more of them. */
const FLOOD_COST = 30;
/** Refusals of a user that are answered before sockets are dropped, on all sockets together. */
const REFUSALS = { burst: 200, perSecond: 5 };
/** Of the handshakes that are limited by code, as many again are taken to be told so. */
const HEARD = 2;
/** Events of one user that are worked on at once, and that wait for it. */
const AT_ONCE = 8;
const WAITING = 500;

/** What keeps one client from taking a node away from the others. */
export class FloodGuard {
  readonly meters: FloodMeters;
  readonly turns: UserTurns;
  #deps: FloodDeps;
  #refusals: AddressBuckets;
  #users: Places;
  #addresses: Places;

  constructor(deps: FloodDeps) {
    const { settings } = deps;
    const limited = Number.isFinite(settings.packetsPerSecond);
    this.#deps = deps;
    this.meters = new FloodMeters(limited ? settings : null);
    this.turns = new UserTurns(limited ? AT_ONCE : Number.POSITIVE_INFINITY, WAITING);
    this.#refusals = new AddressBuckets(REFUSALS.perSecond, REFUSALS.burst);
    this.#users = new Places(settings.connectionsPerUser);
    this.#addresses = new Places(settings.connectionsPerAddress);
  }

  /** Call it before anything else looks at requests. */
  start(io: ParleyServer): void {
    const { addressOf, requests, settings } = this.#deps;
    const attempts = settings.handshakesPerMinute * HEARD;
    const handshakes = new AddressBuckets(attempts / 60, attempts);
    const connections = this.#addresses;
    io.engine.use(createFloodGate({ addressOf, requests, handshakes, connections }));
    io.engine.on('connection', (connection: ParleySocket['conn']) => {
      const address = addressOf(connection.request);
      this.meters.watch(connection, () => handshakes.charge(address, FLOOD_COST));
      const release = connections.take(address);
      if (release) connection.once('close', release);
    });
  }

  /** Counts an event that was refused. True: too many, so that its socket is to be dropped. */
  refused(userId: number): boolean {
    return this.#refusals.take(String(userId)) > 0;
  }

  /** Socket.IO middleware, behind the handshake: so many sockets of one user on this node. */
  admit(socket: ParleySocket, next: (error?: Error) => void): void {
    const { principal, language } = socket.data;
    const release = this.#users.take(String(principal.userId));
    if (!release) {
      next(new HandshakeError(rateLimited(RETRY_AFTER_MS), language));
      return;
    }
    socket.once('disconnect', release);
    socket.conn.once('close', release);
    this.meters.dropBy(socket.conn, () => socket.disconnect(true));
    next();
  }
}
