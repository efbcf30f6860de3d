import { ServerResponse } from 'node:http';
import type { ParleyServer, ParleySocket } from '../types.js';

type Connection = ParleySocket['conn'];

export interface Waiting {
  packets: number;
  bytes: number;
}

const sizeOf = (data: unknown): number =>
  typeof data === 'string' || Buffer.isBuffer(data) ? data.length : 0;

/**
 * What still waits on this node for single sockets: packets that Engine.IO holds while a write is under way, that write
 * itself, and answers to polls that nobody has read. No library has a public way to ask. Sizes of text are in characters.
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
    const held: unknown = Reflect.get(conn, 'writeBuffer');
    const packets: { data?: unknown }[] = Array.isArray(held) ? held : [];
    const websocket: unknown = Reflect.get(conn.transport, 'socket');
    const written =
      typeof websocket === 'object' && websocket && Reflect.get(websocket, 'bufferedAmount');
    const before = this.#unread(conn) + (Number(written) || 0);
    return {
      packets: packets.length,
      bytes: packets.reduce((sum, { data }) => sum + sizeOf(data), before),
    };
  }

  /** Engine.IO says so when the last write has left the process: most sockets cost no closer look. */
  isEmpty({ conn }: ParleySocket): boolean {
    return conn.transport.writable && !this.#polls.get(conn)?.size;
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
    connection.on('flush', () => {
      const response: unknown = Reflect.get(connection.transport, 'res');
      if (!(response instanceof ServerResponse)) return;
      unread.add(response);
      response.once('close', () => unread.delete(response));
    });
  }
}
