import { addToFlush, type EncodedPacket } from '../engine-io.js';
import type { ParleySocket } from '../types.js';

/** Socket.IO protocol, version 5: the packet that accepts a socket. */
const CONNECT = '0';

const accepts = (data: unknown) => typeof data === 'string' && data.startsWith(CONNECT);

/** Sends the first event of a socket together with the packet that accepts it, in one write. */
export function welcomeWith(hello: EncodedPacket, { conn }: ParleySocket): void {
  addToFlush(conn, hello, accepts, () => {
    const { socket } = conn.request;
    socket.cork();
    process.nextTick(() => socket.uncork());
  });
}
