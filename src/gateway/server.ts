import type { Server as HttpServer } from 'node:http';
import type { ImportReport } from '../contract/imports.js';
import type { MemberEvent } from '../domain/events.js';
import { readsAll } from '../domain/sessions/scopes.js';
import { closeWithin } from './connection/close-within.js';
import { createConnectionGate } from './connection/connection-gate.js';
import { createHandshake } from './connection/handshake.js';
import { keepLess } from './connection/kept-request.js';
import { welcomeWith } from './connection/welcome.js';
import type { GatewayDeps, GatewayOptions } from './deps.js';
import type { EncodedPacket } from './engine-io.js';
import type { EventRouter } from './event-router.js';
import { createRooms, createRouter, createSessions, type Rooms } from './parts.js';
import { encodeEvent } from './rooms/encoded-event.js';
import type { SessionWatch } from './sessions/session-watch.js';
import { createSocketServer, helloOf } from './socket-server.js';
import {
  conversationRoom,
  emitEvent,
  type ParleyServer,
  type ParleySocket,
  programRoom,
  sessionRoom,
  userRoom,
} from './types.js';

/** The Socket.IO side of a node. */
export class Gateway {
  #io: ParleyServer;
  #deps: GatewayDeps;
  #router: EventRouter;
  #rooms: Rooms;
  #sessions: SessionWatch;
  /** Started in this order, stopped in reverse. */
  #parts: readonly { start(): void; stop?(): void }[];
  #hello: EncodedPacket;
  #corsOrigins: string[];
  /** When the drain ends, by `performance.now()`; null before it begins. */
  #drainEnd: number | null = null;

  constructor(http: HttpServer, deps: GatewayDeps, options: GatewayOptions) {
    this.#deps = deps;
    this.#corsOrigins = options.corsOrigins;
    this.#io = createSocketServer(http, deps.sockets);
    this.#rooms = createRooms(this.#io, deps);
    const sessions = createSessions(this.#io, deps, options.recheckMs);
    this.#sessions = sessions.watch;
    const { readers, presence, board, screens, slow } = this.#rooms;
    this.#parts = [readers, presence, board, screens, this.#sessions, slow];
    this.#hello = encodeEvent('server:hello', JSON.stringify(helloOf(options)));
    this.#router = createRouter(deps, this.#rooms, sessions, options.maxOpen);
  }

  /** Sockets of this node. */
  get sockets(): number {
    return this.#io.of('/').sockets.size;
  }

  start(): void {
    const { floods, services, sockets, history } = this.#deps;
    floods.start(this.#io);
    this.#rooms.backlog.watch(this.#io);
    this.#io.engine.use(createConnectionGate(this.#corsOrigins, () => this.#drainEnd !== null));
    this.#admit();
    this.#io.on('connection', (socket) => this.#welcome(socket));
    services.events.on('member', (userId, event) => this.#tellMember(userId, event));
    services.events.on('imported', (userId, report) => this.#tellImport(userId, report));
    sockets?.onReconnected(() => void this.#io.local.emit('server:resync', {}));
    history.onChange(() => this.#startOver());
    for (const part of this.#parts) part.start();
  }

  /**
   * Refuses new sockets, tells those of this node to reconnect elsewhere, and closes each at a random moment within
   * `withinMs` milliseconds.
   */
  async drain(withinMs: number): Promise<void> {
    this.#drainEnd = performance.now() + withinMs;
    this.#io.local.emit('server:draining', { reconnect_within_ms: withinMs });
    const sockets = [...this.#io.of('/').sockets.values()];
    await Promise.all(sockets.map((socket) => closeWithin(socket, withinMs)));
  }

  /** Closes every socket and the HTTP server below. */
  async stop(): Promise<void> {
    for (const part of this.#parts.toReversed()) part.stop?.();
    await this.#io.close();
  }

  /** The checks that each socket passes before its first event. */
  #admit(): void {
    const { floods, handshake, telemetry } = this.#deps;
    const shakeHands = createHandshake(handshake);
    this.#io.use((socket, next) =>
      shakeHands(socket, (error) => {
        if (error) floods.excuse(socket.conn, error);
        if (error) telemetry.handshake({ result: error.data.code });
        next(error);
      }),
    );
    this.#io.use((socket, next) =>
      floods.admit(socket, (error) => {
        if (error) telemetry.handshake({ result: error.data.code });
        next(error);
      }),
    );
    this.#io.use((socket, next) => {
      welcomeWith(this.#hello, socket);
      next();
    });
  }

  /** The conversations that sockets have open may no longer exist, so devices reopen those that do. */
  #startOver(): void {
    for (const socket of this.#io.of('/').sockets.values()) {
      for (const id of this.#rooms.readers.opened(socket))
        void this.#rooms.readers.leave(socket, id);
      socket.emit('server:resync', {});
    }
    this.#sessions.recheck();
  }

  /** Nobody stays in the room of a conversation that is deleted. */
  #tellMember(userId: number, event: MemberEvent): void {
    emitEvent(this.#io.to(userRoom(userId)), event);
    if (event.name !== 'conversation:deleted') return;
    const room = conversationRoom(event.payload.conversation_id);
    this.#io.in(room).socketsLeave(room);
  }

  /** One event stands for all conversations: thousands would say no more. */
  #tellImport(userId: number, report: ImportReport): void {
    const sockets = this.#io.to(userRoom(userId));
    sockets.emit('import:progress', report);
    if (report.status !== 'running' && report.imported > 0) sockets.emit('server:resync', {});
  }

  #welcome(socket: ParleySocket): void {
    this.#deps.telemetry.handshake({ result: 'accepted' });
    const { principal } = socket.data;
    const { userId, sessionId } = principal;
    const reads = readsAll(principal);
    const own = reads ? userRoom(userId) : programRoom(userId);
    void socket.join([own, sessionRoom(sessionId)]);
    if (reads) this.#rooms.screens.admit(socket);
    this.#sessions.admit(socket);
    if (!socket.connected) return;
    keepLess(socket, this.#deps.handshake.accessCookie);
    this.#router.attach(socket);
    if (this.#drainEnd !== null) this.#sendAway(socket, this.#drainEnd - performance.now());
  }

  /** A socket whose handshake had begun before the drain. */
  #sendAway(socket: ParleySocket, leftMs: number): void {
    const withinMs = Math.max(0, Math.ceil(leftMs));
    socket.emit('server:draining', { reconnect_within_ms: withinMs });
    void closeWithin(socket, withinMs);
  }
}
