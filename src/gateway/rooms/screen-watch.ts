import type { Logger } from '../../domain/logger.js';
import { readsAll } from '../../domain/sessions/scopes.js';
import type { LiveLog } from '../../ports/live-log.js';
import type { ScreenRepository } from '../../ports/repositories/screen-repository.js';
import { type ParleyServer, type ParleySocket, userRoom } from '../types.js';
import { ScreenSweep } from './screen-sweep.js';
import { ShownRooms } from './shown-rooms.js';
import { type ListEvent, ToldLists } from './told-lists.js';

export interface ScreenWatchDeps {
  engine: { log: Pick<LiveLog, 'verify'> };
  screens: ScreenRepository;
  /** Null if there are no other nodes: then nothing can be lost. */
  sockets: object | null;
  logger: Logger;
}

const OF_LISTS: ReadonlySet<string> = new Set<ListEvent['name']>([
  'conversation:created',
  'conversation:updated',
  'conversation:deleted',
]);

const isOfLists = (event: { name: string; payload: unknown }): event is ListEvent =>
  OF_LISTS.has(event.name);

/** Keeps the sockets of this node in step with the stored state; see `ScreenSweep`. */
export class ScreenWatch {
  /** Null if there are no other nodes: nothing is swept then, so nothing may accumulate. */
  readonly shown: ShownRooms | null;
  #io: ParleyServer;
  #told = new ToldLists();
  #sweep: ScreenSweep | null = null;

  constructor(io: ParleyServer, deps: ScreenWatchDeps, resyncRoom: (id: number) => void) {
    this.#io = io;
    this.shown = deps.sockets && new ShownRooms();
    if (!this.shown) return;
    this.#sweep = new ScreenSweep({
      screens: deps.screens,
      shown: this.shown,
      told: this.#told,
      users: () => this.#users(),
      verify: (ids) => deps.engine.log.verify(ids),
      resyncRoom,
      resyncUser: (userId, agoMs) => this.#resyncUser(userId, agoMs),
      logger: deps.logger,
    });
  }

  start(): void {
    this.#sweep?.start();
  }

  stop(): void {
    this.#sweep?.stop();
  }

  /** Takes a socket that has just joined its user's room. */
  admit(socket: ParleySocket): void {
    socket.data.since = performance.now();
    if (!this.#sweep) return;
    const { userId } = socket.data.principal;
    socket.onAnyOutgoing((name: string, payload: unknown) => {
      const event = { name, payload };
      if (isOfLists(event)) this.#told.see(userId, event);
    });
  }

  #users(): number[] {
    const users = new Set<number>();
    for (const { data } of this.#io.of('/').sockets.values())
      if (readsAll(data.principal)) users.add(data.principal.userId);
    return [...users];
  }

  /** Sockets that connected later have read their lists since. */
  #resyncUser(userId: number, agoMs: number): boolean {
    const { adapter, sockets } = this.#io.of('/');
    const before = performance.now() - agoMs;
    const ids = [...(adapter.rooms.get(userRoom(userId)) ?? [])];
    const older = ids.flatMap((id) => {
      const socket = sockets.get(id);
      return socket && socket.data.since < before ? [socket] : [];
    });
    for (const socket of older) socket.emit('server:resync', {});
    return older.length > 0;
  }
}
