import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { freePort, startRedis } from '../support/redis.js';
import { redisEngine } from '../support/redis-nodes.js';
import { expectNoRejections } from '../support/rejections.js';

async function failureOf(url: string): Promise<Error> {
  const engine = redisEngine({ url, startWithinMs: 1_000 });
  try {
    await engine.start();
  } catch (error) {
    return error as Error;
  }
  await engine.stop();
  throw new Error('it started');
}

/** Says that it is Redis 6.2, whatever it is asked. */
async function oldRedis(): Promise<Server> {
  const info = 'redis_version:6.2.14\r\nrole:master\r\nloading:0\r\n';
  const server = createServer((socket) => {
    socket.on('data', () => socket.write(`$${info.length}\r\n${info}\r\n`));
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** A Sentinel writes its own configuration file. */
async function startSentinel(masterPort: number) {
  const dir = await mkdtemp(join(tmpdir(), 'parley-sentinel-'));
  const file = join(dir, 'sentinel.conf');
  await writeFile(file, `sentinel monitor mymaster 127.0.0.1 ${masterPort} 1\n`);
  const port = await freePort();
  const child = spawn('redis-server', [file, '--sentinel', '--port', String(port)], {
    stdio: 'ignore',
  });
  const admin = new Redis(port, '127.0.0.1', { retryStrategy: () => 20 });
  admin.on('error', () => {});
  await new Promise((resolve) => admin.once('ready', resolve));
  admin.disconnect();
  return {
    port,
    async stop() {
      child.kill('SIGKILL');
      await once(child, 'exit');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

describe('The start of the redis engine', () => {
  expectNoRejections();

  const running: { stop(): Promise<void> }[] = [];

  /** Is stopped after the test, the last first. */
  const kept = <T extends { stop(): Promise<void> }>(thing: T): T => {
    running.unshift(thing);
    return thing;
  };

  afterEach(async () => {
    for (const thing of running.splice(0)) await thing.stop();
  });

  it('fails with where and why when nobody listens, and shows no password', async () => {
    const port = await freePort();
    const error = await failureOf(`redis://:hunter2@127.0.0.1:${port}`);
    expect(error.message).to.include(`Redis at 127.0.0.1:${port} cannot be reached`);
    expect(error.message).to.include('ECONNREFUSED').and.not.include('hunter2');
  });

  it('fails when the password is wrong', async () => {
    const redis = kept(await startRedis(undefined, ['--requirepass', 'right']));
    const error = await failureOf(redis.url.replace('//', '//:wrong@'));
    expect(error.message).to.match(/cannot be reached: .*(WRONGPASS|NOAUTH)/);
  });

  it('succeeds with the right password, everywhere', async () => {
    const redis = kept(await startRedis(undefined, ['--requirepass', 'p@ss']));
    const engine = kept(redisEngine({ url: redis.url.replace('//', '//:p%40ss@') }));
    await engine.start();
    expect(await engine.health.check()).to.equal('ok');
    await engine.stop();
  });

  it('fails when the server is older than 7', async () => {
    const server = await oldRedis();
    kept({ stop: async () => void server.close() });
    const { port } = server.address() as AddressInfo;
    const error = await failureOf(`redis://127.0.0.1:${port}`);
    expect(error.message).to.include('6.2.14 is too old');
  });

  it('finds the master through Sentinels', async () => {
    const redis = kept(await startRedis());
    const sentinel = kept(await startSentinel(redis.port));
    const url = `redis://127.0.0.1:${sentinel.port}?sentinel=mymaster`;
    const engine = kept(redisEngine({ url }));
    await engine.start();
    expect(await engine.health.check()).to.equal('ok');
  });
});
