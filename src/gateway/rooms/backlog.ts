import type { ServerResponse } from 'node:http';
import { type Connection, heldPackets, isWritable, watchPolls, websocketOf } from '../engine-io.js';
import type { ParleyServer, ParleySocket } from '../types.js';

export interface Waiting {
  packets: number;
  bytes: number;
}

/**
 * What still waits on this node for single sockets: packets that Engine.IO holds while a write is under way, that write
 * itself, and answers to polls that nobody has read. Sizes of text are in characters.
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

  /** Engine.IO says so when the last write has left the process: most sockets cost no closer look. */
  isEmpty({ conn }: ParleySocket): boolean {
    return isWritable(conn) && !this.#polls.get(conn)?.size;
  }

  /** Lets go of answers that would wait for a reader longer than their connection lasts. */
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
