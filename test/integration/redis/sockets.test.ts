import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { io as connect, type Socket } from 'socket.io-client';
import { eventually } from '../../../lab/eventually.js';
import { startRedis, type TestRedis } from '../../../lab/stores/redis.js';
import {
  isWell,
  type RedisNodes,
  redisEngine,
  startRedisNodes,
} from '../../../lab/stores/redis-nodes.js';
import { type RedisProxy, startRedisProxy } from '../../../lab/stores/redis-proxy.js';
import type { RedisEngine } from '../../../src/adapters/redis/engine.js';
import { expectNoRejections } from '../../support/rejections.js';

interface Gateway {
  io: Server;
  device: Socket;
  stop(): Promise<void>;
}

/** A Socket.IO server with the engine's adapter, and one device of user 1 on it. */
async function startGateway(engine: RedisEngine): Promise<Gateway> {
  const http: HttpServer = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const io = new Server(http, { adapter: engine.socketAdapter() });
  io.on('connection', (socket) => void socket.join('user:1'));
  const { port } = http.address() as AddressInfo;
  const device = connect(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
  await once(device as never, 'connect');
  return {
    io,
    device,
    async stop() {
      device.disconnect();
      await io.close();
    },
  };
}

describe('The socket adapter of the redis engine', () => {
  expectNoRejections();

  let redis: TestRedis;
  let proxy: RedisProxy;
  let nodes: RedisNodes;
  let here: Gateway;
  let there: Gateway;

  beforeEach(async () => {
    redis = await startRedis();
    proxy = await startRedisProxy(redis.port);
    nodes = await startRedisNodes(redis.url, proxy.url);
    here = await startGateway(nodes.engine);
    there = await startGateway(nodes.peer);
  });
  afterEach(async () => {
    await here.stop();
    await there.stop();
    await nodes.stop();
    await proxy.stop();
    await redis.stop();
  });

  const seen = (gateway: Gateway) => {
    const numbers: number[] = [];
    gateway.device.on('number', (n: number) => numbers.push(n));
    return numbers;
  };

  /** Repeated, because the adapter does not report when its subscription is active. */
  const reaches = async (numbers: number[], n: number, from = here) =>
    eventually(
      () => {
        from.io.to('user:1').emit('number', n);
        return numbers.includes(n);
      },
      (arrived) => arrived,
    );

  it('reaches the rooms of users on every node', async () => {
    const numbers = seen(there);
    await reaches(numbers, 1);
  });

  it('reaches the local ones in an outage, ends no process, and tells when it is back', async () => {
    const [local, remote] = [seen(here), seen(there)];
    let back = 0;
    nodes.peer.onSocketsReconnected(() => {
      back += 1;
    });
    await reaches(remote, 1);
    await redis.stop();
    here.io.to('user:1').emit('number', 2);
    here.io.in('user:2').disconnectSockets();
    await eventually(
      () => local,
      (numbers) => numbers.includes(2),
    );
    redis = await startRedis(redis.port);
    await eventually(
      () => back,
      (times) => times === 1,
    );
    await reaches(remote, 3);
    expect(remote).to.not.include(2);
  });

  it('makes a node well only when its messages arrive', async () => {
    proxy.mute(({ toPatterns }) => toPatterns);
    const late = redisEngine({ url: proxy.url, keyPrefix: nodes.keyPrefix });
    const io = new Server(createServer(), { adapter: late.socketAdapter() });
    try {
      await late.start();
      expect(await late.health.check()).to.equal('degraded');
      proxy.mute(() => false);
      await isWell(late);
    } finally {
      await io.close();
      await late.stop();
    }
  });

  it('tells when messages were missed that no connection knows of', async () => {
    let told = 0;
    nodes.engine.onSocketsReconnected(() => {
      told += 1;
    });
    const admin = new Redis(redis.port);
    const beats = await eventually(
      async () => (await admin.pubsub('CHANNELS', `${nodes.keyPrefix}socket-beat:*`)) as string[],
      ({ length }) => length === 2,
    );
    for (const number of ['1000', '1002']) {
      for (const channel of beats) await admin.publish(channel, number);
    }
    admin.disconnect();
    await eventually(
      () => told,
      (times) => times > 0,
    );
  });

  it('is connected anew when nothing comes back though Redis answers, and its node is not well until then', async () => {
    const [numbers, { health }] = [seen(here), nodes.engine];
    await reaches(numbers, 1, there);
    proxy.mute(({ toPatterns }) => toPatterns);
    await eventually(
      () => health.check(),
      (found) => found === 'degraded',
    );
    const now = performance.now();
    proxy.mute(({ toPatterns, since }) => toPatterns && since < now);
    await eventually(
      () => health.check(),
      (found) => found === 'ok',
    );
    await reaches(numbers, 2, there);
  });
});
