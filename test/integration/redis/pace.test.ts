import { expect } from 'chai';
import { Redis } from 'ioredis';
import { eventually } from '../../../lab/eventually.js';
import { startRedis, type TestRedis } from '../../../lab/stores/redis.js';
import { type RedisNodes, startRedisNodes } from '../../../lab/stores/redis-nodes.js';
import type { Engine } from '../../../src/ports/engine.js';
import type { PaceLimits } from '../../../src/ports/model-pace.js';
import { expectNoRejections } from '../../support/rejections.js';

/** One at once, then one per half minute. */
const TWO: PaceLimits = { requestsPerMinute: 2, tokensPerMinute: 0 };
const NONE: PaceLimits = { requestsPerMinute: 0, tokensPerMinute: 0 };

describe('The pace of the redis engine', () => {
  expectNoRejections();

  let redis: TestRedis;
  let nodes: RedisNodes;

  beforeEach(async () => {
    redis = await startRedis();
    nodes = await startRedisNodes(redis.url);
  });
  afterEach(async () => {
    await nodes.stop();
    await redis.stop();
  });

  const take = async ({ pace }: Engine, limits = TWO) => {
    const { slot, waitMs } = await pace.reserve('a-model', limits, 10, 90_000);
    if (!slot) throw new Error('no slot');
    return { slot, waitMs };
  };

  it('lives in three keys of one hash tag below the prefix, which are forgotten when nobody asks any more', async () => {
    const { slot } = await take(nodes.engine, { requestsPerMinute: 60, tokensPerMinute: 60_000 });
    await nodes.peer.pace.pause(null, 5_000);
    await nodes.peer.pace.pause('a-model', 5_000);
    await slot.settle(20);
    const line = `${nodes.keyPrefix}pace:{model}`;
    const client = new Redis(redis.url);
    const keys = (await client.keys(`${nodes.keyPrefix}*pace*`)).toSorted();
    const ttls = await Promise.all(keys.map((key) => client.ttl(key)));
    client.disconnect();
    expect(keys).to.deep.equal([line, `${line}:of:a-model`, `${line}:pauses`]);
    for (const ttl of ttls) expect(ttl).to.be.within(60, 600);
  });

  it('is a line of each node alone while Redis is away, and one line again when it is back', async () => {
    await take(nodes.engine);
    const shared = await take(nodes.peer);
    expect(shared.waitMs).to.be.above(20_000);
    await redis.stop();
    for (const node of [nodes.engine, nodes.peer]) {
      expect((await take(node)).waitMs).to.equal(0);
      expect((await take(node)).waitMs).to.be.above(20_000);
    }
    expect(await shared.slot.remainingMs()).to.equal(0);
    await shared.slot.settle(5);
    redis = await startRedis(redis.port);
    // A new line: the debts of the old one are gone.
    await eventually(
      () => nodes.engine.pace.waitMs(TWO),
      (ms) => ms === 0,
    );
    await take(nodes.engine);
    await eventually(
      () => nodes.peer.pace.waitMs(TWO),
      (ms) => ms > 20_000,
    );
  });

  it('remembers without Redis, and after a Redis that forgot, which model this node was to leave alone', async () => {
    const asked = await take(nodes.engine, NONE);
    await nodes.engine.pace.pause('a-model', 20_000);
    await redis.stop();
    expect((await nodes.engine.pace.pauses()).get('a-model')).to.be.above(10_000);
    expect(await asked.slot.remainingMs()).to.be.above(10_000);
    expect((await take(nodes.engine, NONE)).waitMs).to.be.above(10_000);
    expect(await nodes.peer.pace.pauses()).to.deep.equal(new Map());
    redis = await startRedis(redis.port);
    await eventually(
      () => nodes.peer.pace.waitMs(TWO),
      (ms) => ms === 0,
    );
    expect((await take(nodes.engine, NONE)).waitMs).to.be.above(10_000);
    expect(await nodes.engine.pace.waitMs(NONE)).to.equal(0);
  });

  it('remembers without Redis a pause that the model server asked this node for', async () => {
    const { slot } = await take(nodes.engine, NONE);
    await nodes.engine.pace.pause(null, 20_000);
    await redis.stop();
    expect(await nodes.engine.pace.waitMs(NONE)).to.be.above(10_000);
    expect(await slot.remainingMs()).to.be.above(10_000);
    expect(await nodes.peer.pace.waitMs(NONE)).to.equal(0);
  });
});
