import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { startUpstream, type Upstream } from '../../../lab/models/scripted-upstream.js';
import { startInside } from '../../../lab/nodes/inside.js';
import type { Product } from '../../../lab/nodes/process.js';
import { type Device, openDevice } from '../../../lab/people/device.js';
import { type Account, registerAt } from '../../../lab/people/rest.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { startRedis, type TestRedis } from '../../../lab/stores/redis.js';

const PATH = '/socket.io/?EIO=4&transport=websocket';
const CUTS = 50;

describe('A node that drains its sockets while an answer runs', () => {
  let redis: TestRedis;
  let database: TestDatabase;
  let upstream: Upstream;
  let node: Product;
  let ada: Account;
  let device: Device;
  let finish: () => void;

  beforeEach(async () => {
    [database, upstream, redis] = await Promise.all([
      createTestDatabase(),
      startUpstream(),
      startRedis(),
    ]);
    node = await startInside({
      SECRET_KEY: 'a-secret-for-tests-that-is-long-enough-1',
      REFRESH_SECRET_KEY: 'a-secret-for-tests-that-is-long-enough-2',
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      OPENAI_BASE_URL: upstream.url,
      DRAIN_SECONDS: '60',
    });
    ada = await registerAt(node.url, 'ada');
    device = await openDevice(node.url, { token: ada.token });
    const held = upstream.next();
    await device.ask('message:send', { client_id: 'c-1', content: 'go' });
    held.write('text');
    await device.until('message:delta');
    finish = () => held.finish();
  });
  afterEach(async () => {
    device?.close();
    finish?.();
    await node?.stop();
    await upstream?.stop();
    await database?.drop();
    await redis?.stop();
  });

  const drain = () => {
    const told = device.until('server:draining');
    node.kill('SIGTERM');
    return told;
  };

  const serves = async () => expect((await fetch(`${node.url}/health`)).status).to.equal(200);

  /** A handshake on a connection that is cut during the response. */
  const cutHandshake = async () => {
    const socket = connect(node.port, '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    socket.write(
      `GET ${PATH} HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    await new Promise((sent) => setImmediate(sent));
    socket.resetAndDestroy();
  };

  it('survives handshakes that it refuses and whose connection is gone', async () => {
    await drain();
    for (let i = 0; i < CUTS; i++) await cutHandshake();
    await serves();
  });

  it('sends a socket away whose handshake had begun before', async () => {
    const socket = new WebSocket(node.url.replace('http', 'ws') + PATH);
    const packets: string[] = [];
    socket.on('message', (data) => packets.push(String(data)));
    await once(socket, 'message');
    const closed = once(socket, 'close');
    await drain();
    socket.send(`40${JSON.stringify({ token: ada.token })}`);
    await closed;
    // Without a drain of its own it would stay until the node ends.
    await serves();
    const told = packets.find((packet) => packet.startsWith('42["server:draining"')) ?? '42[]';
    const [, payload] = JSON.parse(told.slice(2));
    expect(payload.reconnect_within_ms).to.be.within(0, 5_000);
  });
});
