import type { Server as HttpServer } from 'node:http';
import { Server, type ServerOptions } from 'socket.io';
import {
  type AckData,
  PROTOCOL_VERSION,
  type RoomEvents,
  type ServerEvents,
} from '../contract/events.js';
import type { ImportReport } from '../contract/imports.js';
import { LIMITS } from '../contract/limits.js';
import type { Logger } from '../domain/logger.js';
import type { Services } from '../domain/services.js';
import { readsAll } from '../domain/sessions/scopes.js';
import type { Engine } from '../ports/engine.js';
import type { History } from '../ports/history.js';
import type { ScreenRepository } from '../ports/screen-repository.js';
import type { SocketTransport } from '../ports/socket-transport.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { Tracing } from '../ports/tracing.js';
import { closeWithin } from './connection/close-within.js';
import { createConnectionGate } from './connection/connection-gate.js';
import { createHandshake, type HandshakeDeps } from './connection/handshake.js';
import { keepLess } from './connection/kept-request.js';
import { modestParser } from './connection/modest-parser.js';
import { welcomeWith } from './connection/welcome.js';
import type { EncodedPacket } from './engine-io.js';
import { EventRouter } from './event-router.js';
import { FairWebSocketServer } from './flood/fair-websockets.js';
import type { FloodGuard } from './flood/flood-guard.js';
import { createHandlers } from './handlers/handlers.js';
import { AnswerFeeds } from './programs/answer-feeds.js';
import { Backlog } from './rooms/backlog.js';
import { encodeEvent } from './rooms/encoded-event.js';
import { KeepUp } from './rooms/keep-up.js';
import { QueueBoard } from './rooms/queue-board.js';
import { RoomEmitter } from './rooms/room-emitter.js';
import { RoomPresence } from './rooms/room-presence.js';
import { RoomReaders } from './rooms/room-readers.js';
import { ScreenWatch } from './rooms/screen-watch.js';
import { SlowReaders } from './rooms/slow-readers.js';
import { Visits } from './rooms/visits.js';
import { SessionWatch } from './sessions/session-watch.js';
import { SocketRights } from './sessions/socket-rights.js';
import {
  conversationRoom,
  emitEvent,
  type ParleyServer,
  type ParleySocket,
  programRoom,
  sessionRoom,
  userRoom,
} from './types.js';

export interface GatewayDeps {
  services: Services;
  handshake: HandshakeDeps;
  floods: FloodGuard;
  engine: Engine;
  screens: ScreenRepository;
  /** Null if there are no other nodes. */
  sockets: SocketTransport<NonNullable<ServerOptions['adapter']>> | null;
  history: Pick<History, 'now' | 'onChange'>;
  logger: Logger;
  telemetry: Telemetry;
  tracing: Pick<Tracing, 'event'>;
}

export interface GatewayOptions {
  version: string;
  nodeId: string;
  /** The build of the page that the node serves. */
  page: string | null;
  corsOrigins: string[];
  maxOpen: number;
  /** How often all sessions are rechecked. */
  recheckMs: number;
}

const PING_INTERVAL_MS = 20_000;
const PING_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 10_000;
const EVENT_DEADLINE_MS = 15_000;
const SLOW_READER = { packets: 512, bytes: 1_048_576, graceMs: 15_000 };

/** The Socket.IO side of a node. */
export class Gateway {
  #io: ParleyServer;
  #deps: GatewayDeps;
  #router: EventRouter;
  #rooms: RoomEmitter;
  #readers: RoomReaders;
  #board: QueueBoard;
  #screens: ScreenWatch;
  #sessions: SessionWatch;
  #slow: SlowReaders;
  /** Started in this order, stopped in reverse. */
  #parts: readonly { start(): void; stop?(): void }[];
  #backlog = new Backlog();
  #hello: EncodedPacket;
  #corsOrigins: string[];
  #draining = false;

  constructor(http: HttpServer, deps: GatewayDeps, options: GatewayOptions) {
    const { engine, logger, telemetry } = deps;
    this.#deps = deps;
    this.#corsOrigins = options.corsOrigins;
    this.#io = new Server(http, {
      serveClient: false,
      maxHttpBufferSize: LIMITS.payloadBytes,
      parser: modestParser,
      connectTimeout: CONNECT_TIMEOUT_MS,
      pingInterval: PING_INTERVAL_MS,
      pingTimeout: PING_TIMEOUT_MS,
      perMessageDeflate: false,
      wsEngine: FairWebSocketServer,
      ...(deps.sockets && { adapter: deps.sockets.adapter }),
    });
    this.#rooms = new RoomEmitter(this.#io);
    this.#readers = new RoomReaders(this.#io, engine.log, logger);
    this.#board = new QueueBoard({
      positions: (ids) => deps.services.generations.positions(ids),
      isRead: (id) => this.#readers.isRead(id),
      tell: (status) => this.#tellRoom(status),
      logger,
    });
    this.#screens = new ScreenWatch(this.#io, deps, (id) => this.#readers.resync(id));
    this.#readers.watch(this.#board);
    if (this.#screens.shown) this.#readers.watch(this.#screens.shown);
    const presence = new RoomPresence(this.#io, engine.presence);
    this.#sessions = new SessionWatch({
      io: this.#io,
      notices: engine.notices,
      standing: (ids) => deps.services.auth.standing(ids),
      recheckMs: options.recheckMs,
      now: () => deps.history.now(),
      logger,
    });
    this.#slow = new SlowReaders(
      this.#io,
      this.#backlog,
      this.#readers,
      SLOW_READER,
      logger,
      telemetry,
    );
    this.#parts = [this.#readers, presence, this.#board, this.#screens, this.#sessions, this.#slow];
    this.#hello = encodeEvent('server:hello', JSON.stringify(helloOf(options)));
    const rights = new SocketRights({
      standing: (id) => deps.services.auth.standingOf(id),
      end: (socket, code) => this.#sessions.end(socket, code),
      now: () => deps.history.now(),
    });
    const visits = new Visits({
      readers: this.#readers,
      presence,
      admit: (socket) => rights.require(socket, null),
      isMember: (userId, id) => deps.services.conversations.isMember(userId, id),
      maxOpen: options.maxOpen,
    });
    const keepUp = new KeepUp(this.#backlog, SLOW_READER.graceMs, (socket) =>
      this.#slow.close(socket),
    );
    const feeds = new AnswerFeeds({ follower: deps.services.follower, keepUp, logger });
    this.#router = new EventRouter({
      handlers: createHandlers(
        deps.services,
        visits,
        feeds,
        (opened) => this.#opened(opened),
        this.#sessions,
      ),
      limit: deps.handshake.limit,
      floods: deps.floods,
      rights,
      keepUp,
      logger,
      telemetry,
      tracing: deps.tracing,
      deadlineMs: EVENT_DEADLINE_MS,
    });
  }

  /** Sockets of this node. */
  get sockets(): number {
    return this.#io.of('/').sockets.size;
  }

  start(): void {
    const { floods, handshake, telemetry } = this.#deps;
    floods.start(this.#io);
    this.#backlog.watch(this.#io);
    this.#io.engine.use(createConnectionGate(this.#corsOrigins, () => this.#draining));
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
    this.#io.on('connection', (socket) => this.#welcome(socket));
    this.#deps.services.events.on('member', (userId, event) => {
      emitEvent(this.#io.to(userRoom(userId)), event);
      if (event.name !== 'conversation:deleted') return;
      this.#io
        .in(conversationRoom(event.payload.conversation_id))
        .socketsLeave(conversationRoom(event.payload.conversation_id));
    });
    this.#deps.services.events.on('imported', (userId, report) => this.#tellImport(userId, report));
    this.#deps.sockets?.onReconnected(() => void this.#io.local.emit('server:resync', {}));
    this.#deps.history.onChange(() => this.#startOver());
    for (const part of this.#parts) part.start();
  }

  /**
   * Refuses new sockets, tells those of this node to reconnect elsewhere, and closes each at a random moment within
   * `withinMs` milliseconds.
   */
  async drain(withinMs: number): Promise<void> {
    this.#draining = true;
    this.#io.local.emit('server:draining', { reconnect_within_ms: withinMs });
    const sockets = [...this.#io.of('/').sockets.values()];
    await Promise.all(sockets.map((socket) => closeWithin(socket, withinMs)));
  }

  /** Closes every socket and the HTTP server below. */
  async stop(): Promise<void> {
    for (const part of this.#parts.toReversed()) part.stop?.();
    await this.#io.close();
  }

  #opened(opened: AckData<'conversation:open'>): void {
    const { id } = opened.conversation;
    if (!this.#readers.isRead(id)) return;
    this.#board.seeLive(id, opened.live);
    this.#screens.shown?.opened(opened);
  }

  /** The conversations that sockets have open may no longer exist, so devices open again what is there. */
  #startOver(): void {
    for (const socket of this.#io.of('/').sockets.values()) {
      for (const id of this.#readers.opened(socket)) void this.#readers.leave(socket, id);
      socket.emit('server:resync', {});
    }
    this.#sessions.recheck();
  }

  /** One word for all conversations: thousands of events would say no more. */
  #tellImport(userId: number, report: ImportReport): void {
    const sockets = this.#io.to(userRoom(userId));
    sockets.emit('import:progress', report);
    if (report.status !== 'running' && report.imported > 0) sockets.emit('server:resync', {});
  }

  #tellRoom(payload: RoomEvents['message:status']): void {
    const room = conversationRoom(payload.conversation_id);
    this.#rooms.emit(room, { name: 'message:status', payload });
  }

  #welcome(socket: ParleySocket): void {
    this.#deps.telemetry.handshake({ result: 'accepted' });
    const { principal } = socket.data;
    const { userId, sessionId } = principal;
    const reads = readsAll(principal);
    const own = reads ? userRoom(userId) : programRoom(userId);
    void socket.join([own, sessionRoom(sessionId)]);
    if (reads) this.#screens.admit(socket);
    this.#sessions.admit(socket);
    if (!socket.connected) return;
    keepLess(socket, this.#deps.handshake.accessCookie);
    this.#router.attach(socket);
  }
}

/** The same for every socket, so it is encoded once. */
function helloOf({ version, nodeId, page, maxOpen }: GatewayOptions): ServerEvents['server:hello'] {
  return {
    protocol: PROTOCOL_VERSION,
    version,
    node_id: nodeId,
    page,
    limits: {
      message_chars: LIMITS.messageChars,
      payload_bytes: LIMITS.payloadBytes,
      open_conversations: maxOpen,
    },
    ping: { interval_ms: PING_INTERVAL_MS, timeout_ms: PING_TIMEOUT_MS },
  };
}
