import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';

/**
 * Socket.IO with its Redis adapter and one room per socket: `POST /?events=&every=` sends this many deltas to each
 * room.
 */
const DELTA = { conversation_id: 1, message_id: 2, attempt: 1, seq: 1, text: 'abc abc ' };
const url = process.env.REDIS_URL ?? '';
const rooms: string[] = [];

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '', 'http://peer');
  let left = Number(searchParams.get('events'));
  const timer = setInterval(
    () => {
      for (const room of rooms) io.to(room).emit('message:delta', DELTA);
      left -= 1;
      if (left > 0) return;
      clearInterval(timer);
      response.end();
    },
    Number(searchParams.get('every')),
  );
});
const io = new Server(server, {
  serveClient: false,
  perMessageDeflate: false,
  adapter: createAdapter(new Redis(url), new Redis(url)),
});
io.on('connection', (socket) => {
  const room = `room-${rooms.length}`;
  rooms.push(room);
  void socket.join(room);
});
server.listen(0, '127.0.0.1', 4_096, () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
