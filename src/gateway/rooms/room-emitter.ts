import type { RoomEvent, SocketEvents } from '../../contract/events.js';
import { writeEncoded } from '../engine-io.js';
import type { ParleyServer } from '../types.js';
import { encodeEvent } from './encoded-event.js';

type Told = RoomEvent | { name: 'server:resync'; payload: SocketEvents['server:resync'] };

/**
 * Emits to the sockets in a room on this node, as `io.local.to(room)` does, at less cost: the packet is encoded once,
 * and goes to each socket in one buffer with one write. It keeps its order among all packets of a socket.
 */
export class RoomEmitter {
  #io: ParleyServer;

  constructor(io: ParleyServer) {
    this.#io = io;
  }

  /** `json`: the payload, if it is already encoded. */
  emit(room: string, { name, payload }: Told, json?: string): void {
    const { adapter, sockets } = this.#io.of('/');
    const ids = adapter.rooms.get(room);
    if (!ids) return;
    const event = encodeEvent(name, json ?? JSON.stringify(payload));
    for (const id of ids) {
      const socket = sockets.get(id);
      if (socket) writeEncoded(socket.conn, event);
    }
  }
}
