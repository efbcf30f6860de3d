import { createSecretKey } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import jwt from 'jsonwebtoken';
import { Server } from 'socket.io';

/**
 * Socket.IO alone: everybody is in one room, and `POST /?events=&every=` sends deltas to it. With a `SECRET_KEY` it
 * checks only the signature and time of tokens.
 */
const SECRET = process.env.SECRET_KEY;
const DELTA = { conversation_id: 1, message_id: 2, attempt: 1, seq: 1, text: 'abc abc ' };

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '', 'http://peer');
  let left = Number(searchParams.get('events'));
  const timer = setInterval(
    () => {
      io.local.to('room').emit('message:delta', DELTA);
      left -= 1;
      if (left > 0) return;
      clearInterval(timer);
      response.end();
    },
    Number(searchParams.get('every')),
  );
});
const io = new Server(server, { serveClient: false, perMessageDeflate: false });
if (SECRET) {
  const key = createSecretKey(SECRET, 'utf8');
  io.use((socket, next) => {
    jwt.verify(socket.handshake.auth.token, key, { algorithms: ['HS256'] });
    next();
  });
}
io.on('connection', (socket) => void socket.join('room'));
server.listen(0, '127.0.0.1', 4_096, () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
