import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { makeCertificates } from '../../../lab/stores/certificates.js';
import { freePort, startRedis, startTlsRedis } from '../../../lab/stores/redis.js';
import { startRedisCluster } from '../../../lab/stores/redis-cluster.js';
import { isWell, redisEngine } from '../../../lab/stores/redis-nodes.js';
import { startSentinel } from '../../../lab/stores/redis-sentinel.js';
import { slotOf } from '../../../src/adapters/redis/connection/slots.js';
import { expectNoRejections } from '../../support/rejections.js';

/** For errors that may go away. The start ends at once with others, however long it may take. */
const TRIED_FOR_MS = 2_000;
/** Longer than a connection may take. */
const SILENT_FOR_MS = 4_000;

async function failureOf(url: string, startWithinMs = 20_000): Promise<Error> {
  const engine = redisEngine({ url, startWithinMs });
  try {
    await engine.start();
  } catch (error) {
    return error as Error;
  }
  await engine.stop();
  throw new Error('it started');
}

/** Claims to be Redis 6.2, whatever the command. */
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

describe('The start of the redis engine', () => {
  expectNoRejections();

  const running: { stop(): Promise<void> }[] = [];

  /** Stopped after the test, the last one first. */
  const kept = <T extends { stop(): Promise<void> }>(thing: T): T => {
    running.unshift(thing);
    return thing;
  };

  afterEach(async () => {
    for (const thing of running.splice(0)) await thing.stop();
  });

  it('fails with where and why when nobody listens, and shows no password', async () => {
    const port = await freePort();
    const error = await failureOf(`redis://:hunter2@127.0.0.1:${port}`, TRIED_FOR_MS);
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
    await isWell(engine);
    await engine.stop();
  });

  it('fails when its database does not exist, and writes nothing into another', async () => {
    const redis = kept(await startRedis());
    const error = await failureOf(`${redis.url}/99`);
    expect(error.message).to.match(/^Redis at \S+ refuses database 99: .*out of range; [^\n]+$/);
    const client = new Redis(redis.url);
    expect(await client.dbsize()).to.equal(0);
    client.disconnect();
  });

  it('fails when the server is older than 7', async () => {
    const server = await oldRedis();
    kept({ stop: async () => void server.close() });
    const { port } = server.address() as AddressInfo;
    const error = await failureOf(`redis://127.0.0.1:${port}`);
    expect(error.message).to.include('6.2.14 is too old');
  });

  it('warns of settings by which it would lose more than it has to, and only of these', async () => {
    const cluster = kept(await startRedisCluster(1));
    const warnings = async () => {
      const lines: { msg: string }[] = [];
      const logger = pino({ level: 'warn' }, { write: (line) => lines.push(JSON.parse(line)) });
      const engine = redisEngine({ url: cluster.url, logger });
      await engine.start();
      await engine.stop();
      return lines.map(({ msg }) => msg);
    };
    expect(await warnings()).to.deep.equal([]);
    const admin = new Redis(cluster.masters[0]?.port ?? 0);
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await admin.config('SET', 'cluster-require-full-coverage', 'yes');
    admin.disconnect();
    expect(await warnings()).to.deep.equal([
      'redis may evict live logs: set maxmemory-policy to noeviction',
      'one lost master stops the whole cluster: set cluster-require-full-coverage to no',
    ]);
  });

  it('serves the slots that have a master, while others have none', async () => {
    const cluster = kept(await startRedisCluster(3));
    for (const { port } of cluster.masters) {
      const admin = new Redis(port);
      await admin.call('CLUSTER', 'DELSLOTSRANGE', '1000', '1999');
      admin.disconnect();
    }
    const engine = kept(redisEngine({ url: cluster.url }));
    await engine.start();
    await isWell(engine);
    const begun = (isServed: boolean) => {
      const isIn = (id: number) => Math.floor(slotOf(String(id)) / 1_000) !== 1;
      let conversationId = 1;
      while (isIn(conversationId) !== isServed) conversationId += 1;
      return engine.log.begin({ conversationId, messageId: 1 }, 1);
    };
    expect(await begun(false)).to.equal('unreachable');
    expect(await begun(true)).to.equal('appended');
    await isWell(engine);
    await engine.stop();
  });

  it('finds the master through Sentinels', async () => {
    const redis = kept(await startRedis());
    const sentinel = kept(await startSentinel(redis.port));
    const url = `redis://127.0.0.1:${sentinel.port}?sentinel=mymaster`;
    const engine = kept(redisEngine({ url }));
    await engine.start();
    await isWell(engine);
  });

  it('names the Sentinel and its answer when it knows no such master', async () => {
    const redis = kept(await startRedis());
    const { port } = kept(await startSentinel(redis.port));
    const error = await failureOf(`redis://127.0.0.1:${port}?sentinel=other`, TRIED_FOR_MS);
    expect(error.message).to.include(`127.0.0.1:${port}`).and.include('No such master');
  });

  it('does not wait for a Sentinel that is silent', async () => {
    const redis = kept(await startRedis());
    const [silent, other] = [await startSentinel(redis.port), await startSentinel(redis.port)];
    kept(silent);
    kept(other);
    process.kill(silent.pid, 'SIGSTOP');
    const hosts = [silent, other].map(({ port }) => `127.0.0.1:${port}`).join(',');
    const engine = kept(redisEngine({ url: `redis://${hosts}?sentinel=mymaster` }));
    await engine.start();
    await isWell(engine);
  });

  for (const kind of ['', '?cluster', '?sentinel=mymaster']) {
    it(`names the remedy when a certificate is of an unknown authority (rediss://…${kind})`, async () => {
      const certificates = await makeCertificates();
      kept({ stop: certificates.remove });
      const redis = kept(await startTlsRedis(certificates));
      const error = await failureOf(redis.url + kind, kind ? TRIED_FOR_MS : undefined);
      expect(error.message).to.include('self-signed certificate in certificate chain');
      expect(error.message).to.include('NODE_EXTRA_CA_CERTS');
    });
  }

  it('says so when only one of the two speaks TLS', async () => {
    const certificates = await makeCertificates();
    kept({ stop: certificates.remove });
    const [plain, secret] = [kept(await startRedis()), kept(await startTlsRedis(certificates))];
    const { message } = await failureOf(plain.url.replace('redis:', 'rediss:'), SILENT_FOR_MS);
    expect(message).to.include('use redis:// if the server has no TLS');
    for (const kind of ['', '?cluster']) {
      const error = await failureOf(secret.url.replace('rediss:', 'redis:') + kind, TRIED_FOR_MS);
      expect(error.message).to.include('use rediss:// if the server requires TLS');
    }
  });
});
