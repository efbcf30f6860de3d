import { rateLimited } from '../domain/errors.js';
import type { Logger } from '../domain/logger.js';
import type { LiveLog, Subscription } from '../ports/engine.js';
import {
  conversationOf,
  conversationRoom,
  emitEvent,
  type ParleyServer,
  type ParleySocket,
} from './types.js';

interface Reader {
  subscription: Promise<Subscription>;
  /** Sockets on their way into the room. */
  joining: number;
}

const RETRY_AFTER_MS = 1_000;

/** Reads the live log of a conversation for as long as a local socket is in its room. */
export class RoomReaders {
  #io: ParleyServer;
  #log: LiveLog;
  #logger: Logger;
  #maxOpen: number;
  #readers = new Map<number, Reader>();

  constructor(io: ParleyServer, log: LiveLog, logger: Logger, maxOpen: number) {
    this.#io = io;
    this.#log = log;
    this.#logger = logger;
    this.#maxOpen = maxOpen;
  }

  start(): void {
    this.#io.of('/').adapter.on('delete-room', (room: string) => {
      const id = conversationOf(room);
      if (id !== null) this.#release(id);
    });
  }

  /** Resolves when no event of the conversation can be missed any more. @throws AppError `rate_limited` with too many open. */
  async join(socket: ParleySocket, conversationId: number): Promise<void> {
    const room = conversationRoom(conversationId);
    if (this.isIn(socket, conversationId)) return;
    this.requireRoom(socket);
    const reader = this.#reader(conversationId);
    reader.joining += 1;
    try {
      await reader.subscription;
      if (socket.connected) await socket.join(room);
    } finally {
      reader.joining -= 1;
      this.#release(conversationId);
    }
  }

  /** @throws AppError `rate_limited` with too many conversations open to join another. */
  requireRoom(socket: ParleySocket): void {
    if (this.opened(socket).length >= this.#maxOpen) throw rateLimited(RETRY_AFTER_MS);
  }

  isIn(socket: ParleySocket, conversationId: number): boolean {
    return socket.rooms.has(conversationRoom(conversationId));
  }

  async leave(socket: ParleySocket, conversationId: number): Promise<void> {
    await socket.leave(conversationRoom(conversationId));
  }

  opened(socket: ParleySocket): number[] {
    return [...socket.rooms].map(conversationOf).filter((id) => id !== null);
  }

  /** Ids of the users that have the conversation open on this node. */
  present(conversationId: number): number[] {
    const { adapter, sockets } = this.#io.of('/');
    const there = [...(adapter.rooms.get(conversationRoom(conversationId)) ?? [])];
    const ids = there.map((id) => sockets.get(id)?.data.principal.userId);
    return [...new Set(ids.filter((id) => id !== undefined))].sort((a, b) => a - b);
  }

  #reader(conversationId: number): Reader {
    const existing = this.#readers.get(conversationId);
    if (existing) return existing;
    const reader: Reader = { subscription: this.#subscribe(conversationId), joining: 0 };
    this.#readers.set(conversationId, reader);
    return reader;
  }

  #subscribe(conversationId: number): Promise<Subscription> {
    const room = this.#io.local.to(conversationRoom(conversationId));
    return this.#log.subscribe(conversationId, {
      onEvent: (event) => emitEvent(room, event),
      onResync: () => void room.emit('server:resync', { conversation_ids: [conversationId] }),
    });
  }

  #release(conversationId: number): void {
    const reader = this.#readers.get(conversationId);
    const room = this.#io.of('/').adapter.rooms.get(conversationRoom(conversationId));
    if (!reader || reader.joining > 0 || room) return;
    this.#readers.delete(conversationId);
    reader.subscription.then(
      (subscription) => subscription.close(),
      (error: unknown) => this.#logger.warn({ err: error, conversationId }, 'subscription failed'),
    );
  }
}
