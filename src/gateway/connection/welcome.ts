import type { EncodedEvent } from '../rooms/encoded-event.js';
import type { ParleySocket } from '../types.js';

interface Packet {
  type: 'message';
  data?: unknown;
  options: object;
}

/** Of Socket.IO's protocol, version 5: the packet that accepts a socket. */
const CONNECT = '0';

const accepts = ({ data }: Packet) => typeof data === 'string' && data.startsWith(CONNECT);

/** Has the first event of a socket that is about to be accepted go out with what accepts it, in one write. */
export function welcomeWith({ packet: data, options }: EncodedEvent, { conn }: ParleySocket): void {
  const add = (buffer: Packet[]): void => {
    if (!buffer.some(accepts)) return;
    conn.off('flush', add);
    buffer.push({ type: 'message', data, options });
    const { socket } = conn.request;
    socket.cork();
    process.nextTick(() => socket.uncork());
  };
  conn.on('flush', add);
}
