import type { RoomEvent } from '../../contract/events.js';
import type { Logger } from '../../domain/logger.js';
import type { LiveLog } from '../../ports/live-log.js';
import type { Subscription } from '../../ports/subscription.js';
import {
  conversationOf,
  conversationRoom,
  type ParleyServer,
  type ParleySocket,
} from '../types.js';
import { RoomEmitter } from './room-emitter.js';

interface Reader {
  subscription: Promise<Subscription>;
  /** Sockets that are about to join the room. */
  joining: number;
}

/** Sees the events of the rooms on this node. */
export interface RoomWatch {
  /** Called after the room has got the event. */
  see(event: RoomEvent): void;
  /** The sockets in the room were told to read again. */
  resynced?(conversationId: number): void;
  /** No socket on this node reads it any more. */
  forget?(conversationId: number): void;
}

/** Reads the live log of a conversation for as long as a local socket is in its room. */
export class RoomReaders {
  #io: ParleyServer;
  #rooms: RoomEmitter;
  #log: LiveLog;
  #watches: RoomWatch[] = [];
  #logger: Logger;
  #readers = new Map<number, Reader>();

  constructor(io: ParleyServer, log: LiveLog, logger: Logger) {
    this.#io = io;
    this.#rooms = new RoomEmitter(io);
    this.#log = log;
    this.#logger = logger;
  }

  /** Call it before the first socket joins. */
  watch(watch: RoomWatch): void {
    this.#watches.push(watch);
  }

  start(): void {
    this.#io.of('/').adapter.on('delete-room', (room: string) => {
      const id = conversationOf(room);
      if (id !== null) this.#release(id);
    });
  }

  /**
   * Resolves when no event of the conversation can be missed any more. `admit` is called after the wait for the
   * subscription, and rejects if the socket may no longer join.
   */
  async join(
    socket: ParleySocket,
    conversationId: number,
    admit: () => Promise<void>,
  ): Promise<void> {
    const room = conversationRoom(conversationId);
    if (this.isIn(socket, conversationId)) return;
    const reader = this.#reader(conversationId);
    reader.joining += 1;
    try {
      await reader.subscription;
      await admit();
      if (socket.connected) await socket.join(room);
    } finally {
      reader.joining -= 1;
      this.#release(conversationId);
    }
  }

  /** Whether any socket on this node reads it. */
  isRead(conversationId: number): boolean {
    return this.#readers.has(conversationId);
  }

  isIn(socket: ParleySocket, conversationId: number): boolean {
    return socket.rooms.has(conversationRoom(conversationId));
  }

  /** Leaves the room. The user may still be present. */
  async leave(socket: ParleySocket, conversationId: number): Promise<void> {
    await socket.leave(conversationRoom(conversationId));
  }

  opened(socket: ParleySocket): number[] {
    return [...socket.rooms].map(conversationOf).filter((id) => id !== null);
  }

  #reader(conversationId: number): Reader {
    const existing = this.#readers.get(conversationId);
    if (existing) return existing;
    const reader: Reader = { subscription: this.#subscribe(conversationId), joining: 0 };
    this.#readers.set(conversationId, reader);
    return reader;
  }

  /** Makes the sockets in the conversation's room open it again. */
  resync(conversationId: number): void {
    const payload = { conversation_ids: [conversationId] };
    this.#rooms.emit(conversationRoom(conversationId), { name: 'server:resync', payload });
    for (const watch of this.#watches) watch.resynced?.(conversationId);
  }

  #subscribe(conversationId: number): Promise<Subscription> {
    const room = conversationRoom(conversationId);
    return this.#log.subscribe(conversationId, {
      onEvent: (event, payloadJson) => {
        this.#rooms.emit(room, event, payloadJson);
        for (const watch of this.#watches) watch.see(event);
      },
      onResync: () => this.resync(conversationId),
    });
  }

  #release(conversationId: number): void {
    const reader = this.#readers.get(conversationId);
    const room = this.#io.of('/').adapter.rooms.get(conversationRoom(conversationId));
    if (!reader || reader.joining > 0 || room) return;
    this.#readers.delete(conversationId);
    for (const watch of this.#watches) watch.forget?.(conversationId);
    reader.subscription.then(
      (subscription) => subscription.close(),
      (error: unknown) => this.#logger.warn({ err: error, conversationId }, 'subscription failed'),
    );
  }
}
