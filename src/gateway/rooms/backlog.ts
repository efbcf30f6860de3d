import type { ServerResponse } from 'node:http';
import { type Connection, heldPackets, isWritable, watchPolls, websocketOf } from '../engine-io.js';
import type { ParleyServer, ParleySocket } from '../types.js';

export interface Waiting {
  packets: number;
  bytes: number;
}

/**
 * Data on this node that a socket has not read: packets that Engine.IO holds while a write is under way, that write
 * itself, and unread responses to polls. Sizes of text are in characters.
 */
export class Backlog {
  #polls = new WeakMap<object, Set<ServerResponse>>();

  /** Call it before the first connection. */
  watch(io: ParleyServer): void {
    io.engine.on('connection', (connection: Connection) => {
      if (connection.transport.name === 'polling') this.#watchPolls(connection);
    });
  }

  of({ conn }: ParleySocket): Waiting {
    const { packets, size } = heldPackets(conn);
    const written = websocketOf(conn)?.bufferedAmount ?? 0;
    return { packets, bytes: size + written + this.#unread(conn) };
  }

  /**
   * Engine.IO knows whether the last write has left the process. This is a cheap check that suffices for most sockets.
   */
  isEmpty({ conn }: ParleySocket): boolean {
    return isWritable(conn) && !this.#polls.get(conn)?.size;
  }

  /** Destroys responses to polls that would otherwise outlive their connection. */
  drop({ conn }: ParleySocket): void {
    for (const response of this.#polls.get(conn) ?? []) response.destroy();
  }

  #unread(connection: object): number {
    let bytes = 0;
    for (const response of this.#polls.get(connection) ?? []) bytes += response.writableLength;
    return bytes;
  }

  #watchPolls(connection: Connection): void {
    const unread = new Set<ServerResponse>();
    this.#polls.set(connection, unread);
    watchPolls(connection, (response) => {
      unread.add(response);
      response.once('close', () => unread.delete(response));
    });
  }
}
