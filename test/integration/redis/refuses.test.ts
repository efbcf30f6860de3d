import { expect } from 'chai';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { eventually } from '../../../lab/eventually.js';
import { startRedis, type TestRedis } from '../../../lab/stores/redis.js';
import { redisEngine } from '../../../lab/stores/redis-nodes.js';
import type { RedisEngine } from '../../../src/adapters/redis/engine.js';
import { collect } from '../../conformance/readers.js';
import { expectNoRejections } from '../../support/rejections.js';

const NOT_THERE = '1';
const CASES: [string, string[], string[]][] = [
  ['is full (OOM)', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
  ['only reads (READONLY)', ['REPLICAOF', '127.0.0.1', NOT_THERE], ['REPLICAOF', 'NO', 'ONE']],
  [
    'misses its replicas (NOREPLICAS)',
    ['CONFIG', 'SET', 'min-replicas-to-write', '1'],
    ['CONFIG', 'SET', 'min-replicas-to-write', '0'],
  ],
  [
    'may not be written by this user (NOPERM)',
    ['ACL', 'SETUSER', 'default', '-xadd'],
    ['ACL', 'SETUSER', 'default', '+xadd'],
  ],
];

describe('A Redis that answers, but takes no writes', () => {
  expectNoRejections();

  let redis: TestRedis;
  let admin: Redis;
  let node: RedisEngine;
  let peer: RedisEngine;
  let lines: { msg: string }[];
  let serial = 0;

  beforeEach(async () => {
    redis = await startRedis();
    admin = new Redis(redis.port);
    lines = [];
    const logger = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line)) });
    const hears = async (): Promise<boolean> => (await peer.health.check()) === 'ok';
    node = redisEngine({ url: redis.url, logger, peersHear: hears });
    peer = redisEngine({ url: redis.url });
    await Promise.all([node.start(), peer.start()]);
    lines.length = 0;
  });
  afterEach(async () => {
    await Promise.all([node.stop(), peer.stop()]);
    admin.disconnect();
    await redis.stop();
  });

  for (const [name, on, off] of CASES) {
    it(`leaves readers here their deltas when it ${name}, in a few lines of the log, and is made whole`, async () => {
      const key = { conversationId: ++serial, messageId: 1 };
      const own = await collect(node.log, key.conversationId);
      const elsewhere = await collect(peer.log, key.conversationId);
      await node.log.begin(key, 1);
      const append = (seq: number) => node.log.append(key, { attempt: 1, seq }, `${seq} `);
      expect(await append(1)).to.equal('appended');
      const [command = '', ...args] = on;
      await admin.call(command, ...args);
      for (let seq = 2; seq <= 200; seq += 1) expect(await append(seq)).to.equal('unreachable');
      expect(own).to.have.length(200);
      if (!name.includes('NOPERM')) {
        await eventually(
          async () => [await node.health.check(), await peer.health.check()],
          (found) => String(found) === 'degraded,degraded',
        );
      }
      expect(lines.map(({ msg }) => msg)).to.satisfy((all: string[]) => all.length <= 3);
      expect(lines[0]?.msg).to.equal('redis away');
      const recovered = new Promise<void>((resolve) => {
        const subscription = node.log.onRecovered(() => {
          void node.log.rewrite(key, 1, ['all of it']).then((result) => {
            if (result !== 'appended') return;
            subscription.close();
            resolve();
          });
        });
      });
      const [back = '', ...rest] = off;
      await admin.call(back, ...rest);
      await recovered;
      await eventually(
        () => elsewhere.resyncs,
        (resyncs) => resyncs > 0,
      );
      await eventually(
        async () => [await node.health.check(), await peer.health.check()],
        (found) => String(found) === 'ok,ok',
      );
      expect(await peer.log.read(key, { attempt: 1, seq: 0 })).to.include({ text: 'all of it' });
    });
  }

  it('keeps no text of what was over meanwhile for longer than a minute after it is back', async () => {
    const key = { conversationId: ++serial, messageId: 1 };
    await node.log.begin(key, 1);
    await node.log.append(key, { attempt: 1, seq: 1 }, 'a secret');
    await admin.config('SET', 'maxmemory', '1');
    expect(await node.log.append(key, { attempt: 1, seq: 2 }, 'more')).to.equal('unreachable');
    await node.log.retire(key);
    await admin.config('SET', 'maxmemory', '0');
    await eventually(
      () => admin.pttl(`test:log:{${key.conversationId}}:1`),
      (ms) => ms <= 60_000,
    );
  });
});
