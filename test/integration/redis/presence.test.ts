import { expect } from 'chai';
import { Redis } from 'ioredis';
import { eventually } from '../../../lab/eventually.js';
import { startRedis, type TestRedis } from '../../../lab/stores/redis.js';
import { IMPATIENT, type RedisNodes, startRedisNodes } from '../../../lab/stores/redis-nodes.js';
import { type RedisProxy, startRedisProxy } from '../../../lab/stores/redis-proxy.js';
import type { RedisEngineOptions } from '../../../src/adapters/redis/engine.js';
import type { Engine } from '../../../src/ports/engine.js';
import { collect } from '../../conformance/readers.js';
import { expectNoRejections } from '../../support/rejections.js';

const ID = 5;
/** A TTL that is too long for a refresh during a test. */
const NO_REFRESH = 600_000;

describe('Presence of the redis engine', () => {
  expectNoRejections();

  let redis: TestRedis;
  let proxy: RedisProxy;
  let admin: Redis;
  let nodes: RedisNodes;
  let key: string;

  const start = async (presenceTtlMs: number, options: Partial<RedisEngineOptions> = {}) => {
    nodes = await startRedisNodes(redis.url, proxy.url, { ...options, presenceTtlMs });
    key = `${nodes.keyPrefix}presence:{${ID}}`;
  };

  beforeEach(async () => {
    redis = await startRedis();
    proxy = await startRedisProxy(redis.port);
    admin = new Redis(redis.port);
    admin.on('error', () => {});
  });
  afterEach(async () => {
    admin.disconnect();
    await nodes.stop();
    await proxy.stop();
    await redis.stop();
  });

  const becomes = (node: Engine, users: number[]) =>
    eventually(
      () => [...node.presence.present(ID)],
      (found) => String(found) === String(users),
    );

  const told = async (node: Engine) => {
    const events = await collect(node.log, ID);
    return () => events.flatMap((e) => (e.name === 'presence:changed' ? [e.payload.user_ids] : []));
  };

  /** User 1 on one node and user 2 on the other. Both nodes have a reader. */
  const enterBoth = async () => {
    const [here, there] = [await told(nodes.engine), await told(nodes.peer)];
    await nodes.engine.presence.enter(ID, 1);
    await nodes.peer.presence.enter(ID, 2);
    await becomes(nodes.engine, [1, 2]);
    return { here, there };
  };

  it('comes back at once when FLUSHALL has taken it and somebody enters', async () => {
    await start(NO_REFRESH);
    const { there } = await enterBoth();
    await admin.flushall();
    await nodes.engine.presence.enter(ID, 3);
    await becomes(nodes.engine, [1, 2, 3]);
    await becomes(nodes.peer, [1, 2, 3]);
    expect(there().at(-1)).to.deep.equal([1, 2, 3]);
    expect(await admin.zcard(key)).to.equal(3);
  });

  it('comes back by itself when FLUSHALL has taken it', async () => {
    await start(2_000);
    await enterBoth();
    await admin.flushall();
    await eventually(
      () => admin.zcard(key),
      (count) => count === 2,
    );
    for (const node of [nodes.engine, nodes.peer]) await becomes(node, [1, 2]);
  });

  it('makes up for a change that it was not told', async () => {
    await start(2_000);
    const { here } = await enterBoth();
    const inAMinute = Date.now() + 60_000;
    await admin.zadd(key, inAMinute, 'another-node:9');
    await becomes(nodes.engine, [1, 2, 9]);
    expect(here().at(-1)).to.deep.equal([1, 2, 9]);
    await admin.zrem(key, 'another-node:9');
    await becomes(nodes.engine, [1, 2]);
    expect(here().at(-1)).to.deep.equal([1, 2]);
  });

  it('is that of this node alone in an outage, and of all nodes after it, without waiting for a refresh', async () => {
    await start(NO_REFRESH);
    await enterBoth();
    await redis.stop();
    await nodes.engine.presence.enter(ID, 3);
    expect(nodes.engine.presence.present(ID)).to.deep.equal([1, 3]);
    await nodes.peer.presence.leave(ID, 2);
    await nodes.peer.presence.enter(ID, 4);
    expect(nodes.peer.presence.present(ID)).to.deep.equal([4]);
    redis = await startRedis(redis.port);
    for (const node of [nodes.engine, nodes.peer]) await becomes(node, [1, 3, 4]);
  });

  it('waits for a frozen Redis once, no longer than for any command, and then not at all', async () => {
    await start(NO_REFRESH, IMPATIENT);
    await enterBoth();
    process.kill(redis.pid, 'SIGSTOP');
    const timed = async (userId: number) => {
      const from = performance.now();
      await nodes.engine.presence.enter(ID, userId);
      return performance.now() - from;
    };
    const first = await Promise.all([timed(3), timed(4), timed(5)]);
    expect(Math.min(...first)).to.be.at.least(400);
    // One after another, they would wait for half a second each.
    expect(Math.max(...first) - Math.min(...first)).to.be.below(400);
    // A busy machine holds one of them up, hardly all.
    expect(Math.min(await timed(6), await timed(7), await timed(8))).to.be.below(400);
    expect(nodes.engine.presence.present(ID)).to.deep.equal([1, 3, 4, 5, 6, 7, 8]);
    process.kill(redis.pid, 'SIGCONT');
    for (const node of [nodes.engine, nodes.peer]) await becomes(node, [1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('believes the order of the announcements, not an answer that was overtaken', async () => {
    await start(NO_REFRESH);
    await enterBoth();
    proxy.mute((link) => !link.subscribes);
    const entered = nodes.engine.presence.enter(ID, 3);
    await becomes(nodes.peer, [1, 2, 3]);
    await nodes.peer.presence.leave(ID, 2);
    await becomes(nodes.engine, [1, 3]);
    proxy.heal();
    await entered;
    expect(nodes.engine.presence.present(ID)).to.deep.equal([1, 3]);
  });

  it('spreads its refreshes out', async () => {
    await start(3_000);
    for (let id = 1; id <= 200; id += 1) void nodes.engine.presence.enter(id, 1);
    await eventually(
      async () => (await admin.keys(`${nodes.keyPrefix}presence:*`)).length,
      (count) => count === 200,
    );
    // The times are those of Redis, so that a pause of this process brings nothing together.
    const writes: number[] = [];
    const monitor = await admin.monitor();
    monitor.on('monitor', (time: string, [command = '']: string[]) => {
      if (command.toLowerCase() === 'zadd') writes.push(Number(time) * 1_000);
    });
    await eventually(
      () => writes.length,
      (count) => count >= 300,
    );
    monitor.disconnect();
    // Half of a refresh, which is due once a second. At once, it would take a few milliseconds.
    const halves = writes.slice(100).map((time, i) => time - (writes[i] ?? 0));
    expect(Math.min(...halves)).to.be.above(50);
  });

  it('forgets who left during an outage within the TTL', async () => {
    await start(1_500);
    const { here } = await enterBoth();
    proxy.cut();
    await nodes.engine.presence.leave(ID, 1);
    proxy.heal();
    await becomes(nodes.peer, [2]);
    expect(here().at(-1)).to.deep.equal([1, 2]);
  });
});
