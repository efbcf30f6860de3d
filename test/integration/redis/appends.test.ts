import { expect } from 'chai';
import { Redis } from 'ioredis';
import { startRedis, type TestRedis } from '../../../lab/stores/redis.js';
import { startRedisCluster, type TestRedisCluster } from '../../../lab/stores/redis-cluster.js';
import { type RedisNodes, startRedisNodes } from '../../../lab/stores/redis-nodes.js';
import { collect } from '../../conformance/readers.js';
import { expectNoRejections } from '../../support/rejections.js';

const ANSWERS = 120;
const keys = Array.from({ length: ANSWERS }, (_, i) => ({
  conversationId: 1_000 + i,
  messageId: 5_000 + i,
}));
const START = { attempt: 0, seq: 0 };

/** How often the server has run each command. */
async function calls(port: number): Promise<(command: string) => number> {
  const admin = new Redis(port);
  const stats = await admin.info('commandstats');
  admin.disconnect();
  return (command) => Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}

describe('Deltas of many answers at once', () => {
  expectNoRejections();
  let nodes: RedisNodes;

  const begin = () => Promise.all(keys.map((key) => nodes.engine.log.begin(key, 1)));
  const append = (seq: number) =>
    Promise.all(
      keys.map((key) =>
        nodes.engine.log.append(key, { attempt: 1, seq }, `${key.messageId} ${seq};`),
      ),
    );
  const expectAll = async (seq: number) => {
    for (const key of keys) {
      const slice = await nodes.peer.log.read(key, START);
      const deltas = Array.from({ length: seq }, (_, i) => `${key.messageId} ${i + 1};`);
      expect(slice).to.include({ attempt: 1, seq, text: deltas.join('') });
    }
  };

  describe('on one Redis', () => {
    let redis: TestRedis;
    beforeEach(async () => {
      redis = await startRedis();
      nodes = await startRedisNodes(redis.url);
    });
    afterEach(async () => {
      await nodes.stop();
      await redis.stop();
    });

    it('share commands, and each arrives where it belongs', async () => {
      const [first] = keys;
      if (!first) throw new Error('no answers');
      const reader = await collect(nodes.peer.log, first.conversationId);
      await begin();
      const earlier = await calls(redis.port);
      const results = [await append(1), await append(2)].flat();
      const later = await calls(redis.port);
      expect(new Set(results)).to.deep.equal(new Set(['appended']));
      expect(later('xadd') - earlier('xadd')).to.equal(2 * ANSWERS);
      expect(later('evalsha') - earlier('evalsha')).to.be.below(10);
      await expectAll(2);
      expect(reader.map(({ name }) => name)).to.deep.equal(['message:delta', 'message:delta']);
    });

    it('each have their own result: fenced, missing, repeated or refused, and the others are written', async () => {
      const [fenced, missing, repeated, refused, good] = keys;
      if (!fenced || !missing || !repeated || !refused || !good) throw new Error('no answers');
      await begin();
      await append(1);
      await nodes.peer.log.begin(fenced, 2);
      const admin = new Redis(redis.port);
      for (const name of await admin.keys(`*{${missing.conversationId}}*`)) await admin.del(name);
      const [log = ''] = (await admin.keys(`*{${refused.conversationId}}*`)).filter((name) =>
        name.includes(String(refused.messageId)),
      );
      await admin.set(log, 'no stream');
      admin.disconnect();
      const seqs = new Map([
        [fenced, 2],
        [missing, 2],
        [repeated, 1],
        [refused, 2],
        [good, 2],
      ]);
      const results = await Promise.all(
        [...seqs].map(([key, seq]) => nodes.engine.log.append(key, { attempt: 1, seq }, 'more;')),
      );
      expect(results).to.deep.equal(['fenced', 'missing', 'appended', 'unreachable', 'appended']);
      const slice = await nodes.peer.log.read(good, START);
      expect(slice).to.include({ seq: 2, text: `${good.messageId} 1;more;` });
    });
  });

  describe('on a member of a Cluster that is taken for a single Redis', () => {
    let cluster: TestRedisCluster;
    beforeEach(async () => {
      cluster = await startRedisCluster(1);
      nodes = await startRedisNodes(cluster.masters[0]?.url ?? '');
    });
    afterEach(async () => {
      await nodes.stop();
      await cluster.stop();
    });

    it('are written one by one', async () => {
      await begin();
      const results = [await append(1), await append(2)].flat();
      expect(new Set(results)).to.deep.equal(new Set(['appended']));
      await expectAll(2);
    });
  });
});
