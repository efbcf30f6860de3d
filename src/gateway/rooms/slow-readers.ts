import type { Logger } from '../../domain/logger.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { cutOff } from '../connection/cut-off.js';
import type { ParleyServer, ParleySocket } from '../types.js';
import type { Backlog } from './backlog.js';
import type { RoomReaders } from './room-readers.js';

export interface SlowReaderLimits {
  /** Packets or bytes waiting on the node for one socket. */
  packets: number;
  bytes: number;
  /** A socket that has not caught up by then is closed. It may reconnect. */
  graceMs: number;
}

export interface SlowReaderDeps {
  io: ParleyServer;
  backlog: Backlog;
  readers: RoomReaders;
  logger: Logger;
  telemetry: Telemetry;
}

const SWEEP_EVERY_MS = 500;

/** Bounds the memory that a slow reader costs: it gets no more deltas, and a resync once it has caught up. */
export class SlowReaders {
  #io: ParleyServer;
  #backlog: Backlog;
  #readers: RoomReaders;
  #limits: SlowReaderLimits;
  #logger: Logger;
  #telemetry: Telemetry;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    { io, backlog, readers, logger, telemetry }: SlowReaderDeps,
    limits: SlowReaderLimits,
  ) {
    this.#io = io;
    this.#backlog = backlog;
    this.#readers = readers;
    this.#limits = limits;
    this.#logger = logger;
    this.#telemetry = telemetry;
  }

  start(): void {
    this.#timer = setInterval(() => {
      for (const socket of this.#io.of('/').sockets.values()) {
        if (!this.#isAtRest(socket)) this.#look(socket);
      }
    }, SWEEP_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #isAtRest(socket: ParleySocket): boolean {
    return socket.data.behindSince === 0 && this.#backlog.isEmpty(socket);
  }

  #look(socket: ParleySocket): void {
    const { packets, bytes } = this.#backlog.of(socket);
    const { data } = socket;
    if (data.behindSince > 0) {
      this.#lookAgain(socket, packets === 0 && bytes === 0);
      return;
    }
    if (packets <= this.#limits.packets && bytes <= this.#limits.bytes) return;
    data.behind = this.#readers.opened(socket);
    data.behindSince = performance.now();
    this.#telemetry.slowReader({ outcome: 'held_back' });
    this.#logger.warn({ socketId: socket.id, packets, bytes }, 'reader too slow, deltas held back');
    for (const id of data.behind) void this.#readers.leave(socket, id);
  }

  #lookAgain(socket: ParleySocket, drained: boolean): void {
    const { data } = socket;
    if (drained) {
      if (data.behind.length > 0) {
        socket.emit('server:resync', { conversation_ids: data.behind });
      }
      data.behind = [];
      data.behindSince = 0;
      this.#telemetry.slowReader({ outcome: 'caught_up' });
    } else if (performance.now() - data.behindSince > this.#limits.graceMs) {
      this.close(socket);
    }
  }

  /** Cuts the connection: a goodbye would wait behind the unread data and keep it in memory. */
  close(socket: ParleySocket): void {
    this.#telemetry.slowReader({ outcome: 'closed' });
    this.#logger.warn({ socketId: socket.id }, 'reader still behind, closed');
    this.#backlog.drop(socket);
    cutOff(socket.conn, () => socket.conn.close(true));
  }
}
