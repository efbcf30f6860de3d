import type { Logger } from '../domain/logger.js';
import type { RoomReaders } from './room-readers.js';
import type { ParleyServer, ParleySocket } from './types.js';

export interface SlowReaderLimits {
  /** Packets or bytes waiting on the node for one socket. */
  packets: number;
  bytes: number;
  /** A socket that has not caught up by then is closed; it may come back. */
  graceMs: number;
}

const SWEEP_EVERY_MS = 500;

const sizeOf = (data: unknown): number =>
  typeof data === 'string' || Buffer.isBuffer(data) ? data.length : 0;

/**
 * What still waits on this node for one socket: packets that Engine.IO holds while a write is under way, and
 * that write itself. Neither library has a public way to ask. Sizes of text are in characters.
 */
function backlog(socket: ParleySocket): { packets: number; bytes: number } {
  const held: unknown = Reflect.get(socket.conn, 'writeBuffer');
  const packets: { data?: unknown }[] = Array.isArray(held) ? held : [];
  const websocket: unknown = Reflect.get(socket.conn.transport, 'socket');
  const written =
    typeof websocket === 'object' && websocket && Reflect.get(websocket, 'bufferedAmount');
  return {
    packets: packets.length,
    bytes: packets.reduce((sum, { data }) => sum + sizeOf(data), Number(written) || 0),
  };
}

/** Engine.IO sets it when the last write has left the process: most sockets cost no closer look. */
const isAtRest = ({ conn, data }: ParleySocket): boolean =>
  conn.transport.writable && data.behindSince === 0;

/** Keeps a device that reads too slowly from growing the node's memory: no more deltas, a resync when it has caught up. */
export class SlowReaders {
  #io: ParleyServer;
  #readers: RoomReaders;
  #limits: SlowReaderLimits;
  #logger: Logger;
  #timer: NodeJS.Timeout | undefined;

  constructor(io: ParleyServer, readers: RoomReaders, limits: SlowReaderLimits, logger: Logger) {
    this.#io = io;
    this.#readers = readers;
    this.#limits = limits;
    this.#logger = logger;
  }

  start(): void {
    this.#timer = setInterval(() => {
      for (const socket of this.#io.of('/').sockets.values()) {
        if (!isAtRest(socket)) this.#look(socket);
      }
    }, SWEEP_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(socket: ParleySocket): void {
    const { packets, bytes } = backlog(socket);
    const { data } = socket;
    if (data.behindSince > 0) {
      this.#lookAgain(socket, packets === 0 && bytes === 0);
      return;
    }
    if (packets <= this.#limits.packets && bytes <= this.#limits.bytes) return;
    data.behind = this.#readers.opened(socket);
    data.behindSince = Date.now();
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
    } else if (Date.now() - data.behindSince > this.#limits.graceMs) {
      this.#logger.warn({ socketId: socket.id }, 'reader still behind, closed');
      socket.conn.close(true);
    }
  }
}
