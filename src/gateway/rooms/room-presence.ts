import type { Presence } from '../../ports/presence.js';
import { conversationOf, type ParleyServer, type ParleySocket, userRoom } from '../types.js';

/** Tells the engine which users have which conversations open on this node: each user once, however many sockets. */
export class RoomPresence {
  #io: ParleyServer;
  #presence: Presence;

  constructor(io: ParleyServer, presence: Presence) {
    this.#io = io;
    this.#presence = presence;
  }

  start(): void {
    this.#io.of('/').adapter.on('leave-room', (room: string, socketId: string) => {
      const id = conversationOf(room);
      const socket = this.#io.of('/').sockets.get(socketId);
      if (id !== null && socket) this.#leftRoom(socket, id);
    });
    this.#io.on('connection', (socket) => {
      socket.on('disconnect', () => {
        for (const id of [...socket.data.present]) this.leave(socket, id);
      });
    });
  }

  has(socket: ParleySocket, conversationId: number): boolean {
    return socket.data.present.has(conversationId);
  }

  /** Resolves when `present` includes the users on other nodes, or these cannot be known. Never rejects. */
  enter(socket: ParleySocket, conversationId: number): Promise<void> {
    const { present, principal } = socket.data;
    present.add(conversationId);
    return this.#presence.enter(conversationId, principal.userId);
  }

  /** Idempotent. */
  leave(socket: ParleySocket, conversationId: number): void {
    const { present, principal } = socket.data;
    if (!present.delete(conversationId) || this.#hasOpen(principal.userId, conversationId)) return;
    void this.#presence.leave(conversationId, principal.userId);
  }

  /** Ids of the users who have the conversation open on any node. */
  present(conversationId: number): number[] {
    return [...this.#presence.present(conversationId)];
  }

  /** A socket that reads too slowly has left the room, but not the conversation. */
  #leftRoom(socket: ParleySocket, conversationId: number): void {
    if (!socket.data.behind.includes(conversationId)) this.leave(socket, conversationId);
  }

  #hasOpen(userId: number, conversationId: number): boolean {
    const { adapter, sockets } = this.#io.of('/');
    const devices = [...(adapter.rooms.get(userRoom(userId)) ?? [])];
    return devices.some((id) => sockets.get(id)?.data.present.has(conversationId));
  }
}
