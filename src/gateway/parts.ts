import type { AckData, RoomEvents } from '../contract/events.js';
import type { GatewayDeps } from './deps.js';
import { EventRouter } from './event-router.js';
import { createHandlers } from './handlers/handlers.js';
import { AnswerFeeds } from './programs/answer-feeds.js';
import { Backlog } from './rooms/backlog.js';
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
import { conversationRoom, type ParleyServer } from './types.js';

const EVENT_DEADLINE_MS = 15_000;
const SLOW_READER = { packets: 512, bytes: 1_048_576, graceMs: 15_000 };

export type Rooms = ReturnType<typeof createRooms>;
export type Sessions = ReturnType<typeof createSessions>;

/** The readers of each conversation on this node, and their pace. */
export function createRooms(io: ParleyServer, deps: GatewayDeps) {
  const { engine, logger, telemetry } = deps;
  const readers = new RoomReaders(io, engine.log, logger);
  const emitter = new RoomEmitter(io);
  const board = new QueueBoard({
    positions: (ids) => deps.services.generations.positions(ids),
    isRead: (id) => readers.isRead(id),
    tell: (status) => tellRoom(emitter, status),
    logger,
  });
  const screens = new ScreenWatch(io, deps, (id) => readers.resync(id));
  readers.watch(board);
  if (screens.shown) readers.watch(screens.shown);
  const presence = new RoomPresence(io, engine.presence);
  const backlog = new Backlog();
  const slow = new SlowReaders({ io, backlog, readers, logger, telemetry }, SLOW_READER);
  const keepUp = new KeepUp(backlog, SLOW_READER.graceMs, (socket) => slow.close(socket));
  return { readers, board, screens, presence, backlog, slow, keepUp };
}

function tellRoom(emitter: RoomEmitter, payload: RoomEvents['message:status']): void {
  emitter.emit(conversationRoom(payload.conversation_id), { name: 'message:status', payload });
}

/** The rights of this node's sockets by their sessions. */
export function createSessions(
  io: ParleyServer,
  { services: { auth }, engine: { notices }, history, logger }: GatewayDeps,
  recheckMs: number,
) {
  const now = () => history.now();
  const standing = (ids: readonly string[]) => auth.standing(ids);
  const watch = new SessionWatch({ io, notices, standing, recheckMs, now, logger });
  const rights = new SocketRights({
    standing: (id) => auth.standingOf(id),
    end: (socket, code) => watch.end(socket, code),
    now,
  });
  return { watch, rights };
}

/** The parts that reply to the events of sockets. */
export function createRouter(
  deps: GatewayDeps,
  rooms: Rooms,
  { watch, rights }: Sessions,
  maxOpen: number,
): EventRouter {
  const { services, logger } = deps;
  const { keepUp } = rooms;
  const visits = new Visits({
    ...rooms,
    admit: (socket) => rights.require(socket, null),
    isMember: (userId, id) => services.conversations.isMember(userId, id),
    maxOpen,
  });
  const feeds = new AnswerFeeds({ follower: services.follower, keepUp, logger });
  const opened = (data: AckData<'conversation:open'>) => onOpened(rooms, data);
  return new EventRouter({
    ...deps,
    ...{ rights, keepUp, deadlineMs: EVENT_DEADLINE_MS },
    handlers: createHandlers(services, visits, feeds, opened, watch),
    limit: deps.handshake.limit,
  });
}

function onOpened({ readers, board, screens }: Rooms, opened: AckData<'conversation:open'>): void {
  const { id } = opened.conversation;
  if (!readers.isRead(id)) return;
  board.seeLive(id, opened.live);
  screens.shown?.opened(opened);
}
