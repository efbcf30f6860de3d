import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';
import { WebSocket } from 'ws';
import { eventually } from '../../../lab/eventually.js';
import { startApp } from '../../../lab/nodes/app.js';
import { keepLess, letGo } from '../../../src/gateway/connection/kept-request.js';
import type { ParleyServer } from '../../../src/gateway/types.js';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

describe('The request of a connection', () => {
  it('is let go of when its socket is welcome, and the token with it', async () => {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const io: ParleyServer = new Server(http);
    io.engine.use(letGo);
    const upgraded = new Promise<WeakRef<IncomingMessage>>((resolve) => {
      http.on('upgrade', (request) => resolve(new WeakRef(request)));
    });
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const device = connect(url, { transports: ['websocket'], auth: { token: 'secret' } });
    const [socket] = await once(io, 'connection');
    keepLess(socket, 'access_token');
    expect(socket.handshake.auth).to.deep.equal({});
    const request = await upgraded;
    const isGone = () => {
      collect();
      return request.deref() === undefined;
    };
    await eventually(isGone, Boolean);
    device.disconnect();
    await io.close();
  });

  it('can be read again when a client logs out and in over the same connection, by cookie', async () => {
    const app = await startApp();
    const { token } = await app.register('ada');
    const headers = { cookie: `access_token=${token}`, origin: app.url };
    const socket = new WebSocket(
      `${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`,
      { headers },
    );
    const accepted = () =>
      new Promise<string>((resolve) => {
        socket.on('message', (data) => {
          const packet = String(data);
          if (/^4[04]/.test(packet)) resolve(packet);
        });
      });
    await once(socket, 'open');
    for (const packets of [['40'], ['41', '40']]) {
      const answer = accepted();
      for (const packet of packets) socket.send(packet);
      expect(await answer).to.match(/^40\{"sid"/);
      socket.removeAllListeners('message');
    }
    socket.terminate();
    await app.stop();
  });
});
