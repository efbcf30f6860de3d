import { expect } from 'chai';
import type { Redis } from 'ioredis';
import { startRedis, type TestRedis } from '../../../lab/stores/redis.js';
import { openSingle } from '../../../src/adapters/redis/connection/clients.js';
import { createSingleShard, type Shards } from '../../../src/adapters/redis/connection/shards.js';
import { createKeys } from '../../../src/adapters/redis/keys.js';
import { parseRedisUrl } from '../../../src/config/redis-url.js';
import { createLogger } from '../../../src/node/logger.js';
import { noTelemetry } from '../../../src/ports/telemetry.js';

/** A contract with ioredis, whose connection is reached by `stream`: run it before you change its version. */
describe('The stream of ioredis', () => {
  let redis: TestRedis;
  let client: Redis;
  let shards: Shards;

  beforeEach(async () => {
    redis = await startRedis();
    const target = parseRedisUrl(redis.url);
    client = openSingle(target);
    await client.connect();
    shards = createSingleShard(client, {
      ...{ target, keys: createKeys('parley:', 'node'), timeoutMs: 5_000 },
      logger: createLogger({ level: 'silent', pretty: false }),
      telemetry: noTelemetry,
    });
    await shards.start();
  });

  afterEach(async () => {
    shards.stop();
    client.disconnect();
    await redis.stop();
  });

  it('holds the commands of one turn of the event loop back, and sends them in one write', async () => {
    const [shard] = shards.all();
    const writes: number[] = [];
    const { stream } = client;
    const write = stream._writev?.bind(stream);
    stream._writev = (chunks, done) => {
      writes.push(chunks.length);
      write?.(chunks, done);
    };
    const replies = ['a', 'b', 'c'].map((key) => shard?.circuit.run(() => client.set(key, '1')));
    expect([stream.writableCorked, writes.length]).to.deep.equal([1, 0]);
    expect(await Promise.all(replies)).to.deep.equal(['OK', 'OK', 'OK']);
    expect([stream.writableCorked, writes]).to.deep.equal([0, [3]]);
  });

  it('is another one after a reconnection, which holds back as well', async () => {
    const [shard] = shards.all();
    const before = client.stream;
    client.disconnect(true);
    await new Promise((resolve) => client.once('ready', resolve));
    expect(client.stream).not.to.equal(before);
    const reply = shard?.circuit.run(() => client.set('a', '1'));
    expect(client.stream.writableCorked).to.equal(1);
    expect(await reply).to.equal('OK');
    expect(client.stream.writableCorked).to.equal(0);
  });
});
