import { WebSocket } from 'ws';
import { serveCommands } from './serve-commands.js';

/** Bare websockets that count events. */
const AT_ONCE = 100;
const sockets: WebSocket[] = [];
let events = 0;
let wanted = { events: Number.POSITIVE_INFINITY, resolve: () => {} };

async function open(url: string): Promise<void> {
  const socket = new WebSocket(url.replace('http', 'ws'), { perMessageDeflate: false });
  socket.on('message', () => {
    events += 1;
    if (events >= wanted.events) wanted.resolve();
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  sockets.push(socket);
}

serveCommands({
  async connect({ url, count }: { url: string; count: number }) {
    while (sockets.length < count) {
      const size = Math.min(AT_ONCE, count - sockets.length);
      await Promise.all(Array.from({ length: size }, () => open(`${url}/sub`)));
    }
  },

  events: () => events,

  /** Resolves when this many events have arrived. */
  until: ({ count }: { count: number }) =>
    new Promise<void>((resolve) => {
      wanted = { events: count, resolve };
      if (events >= count) resolve();
    }),
});
