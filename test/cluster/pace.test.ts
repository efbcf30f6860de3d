import { expect } from 'chai';
import { Redis } from 'ioredis';
import { eventually } from '../../lab/eventually.js';
import { answer, rateLimited } from '../../lab/models/scripted-upstream.js';
import { type Cluster, startCluster } from '../../lab/nodes/cluster.js';
import type { Device } from '../../lab/people/device.js';

const LIMIT = 60;
/** The port's promise: a tenth at once, then one per this many ms. */
const BURST = LIMIT / 10;
const EVERY_MS = 61_000 / (LIMIT - BURST + 1);
/** How much more a busy machine may delay one request than another. Without a limit, too many come at once even so. */
const JITTER_MS = 3 * EVERY_MS;
const PAUSE_S = 2;
const MANY = {
  GENERATIONS_PER_USER: '100',
  PENDING_PER_USER: '200',
  MESSAGES_PER_MINUTE: '1000',
};

describe('One model server for many nodes', () => {
  let cluster: Cluster;
  let serial = 0;

  const devices = async (count: number): Promise<Device[]> => {
    serial += 1;
    const ada = await cluster.account(`ada${serial}`);
    return Promise.all(Array.from({ length: count }, (_, node) => cluster.device(node, ada)));
  };

  const ask = async (device: Device | undefined, n = 0, model = 'test-model') => {
    if (!device) throw new Error('no device');
    const sent = await device.ask('message:send', {
      client_id: `c-${serial}-${n}`,
      content: `question ${n}`,
      model,
    });
    const { id } = sent.assistant_message;
    return { device, id, ended: device.ended(id) };
  };

  const pausedUntil = async (redis: Redis) => {
    const [deployment] = await cluster.rows('SELECT id FROM deployment');
    return redis.hget(`parley:${deployment?.id}:pace:{model}:of:test-model`, 'paused');
  };

  const arrivals = () => cluster.upstream.requests.map(({ at }) => at);

  describe('that says Retry-After', () => {
    let redis: Redis;

    before(async () => {
      cluster = await startCluster({ inside: true, nodes: 2, env: MANY });
      redis = new Redis(cluster.redis.url);
    });
    after(async () => {
      redis?.disconnect();
      await cluster?.stop();
    });
    beforeEach(() => {
      cluster.upstream.requests.length = 0;
      cluster.upstream.otherwise(answer('here it is'));
    });

    /** Makes node 0 be refused, and resolves when all nodes know the pause. */
    const beRefused = async (device: Device | undefined, seconds: number) => {
      const before = await pausedUntil(redis);
      cluster.upstream.script(rateLimited(seconds));
      const refused = await ask(device);
      await eventually(
        () => pausedUntil(redis),
        (paused) => paused !== before,
      );
      return refused;
    };

    it('is left alone by all of them for that long, and then answers everything', async () => {
      const [first, second] = await devices(2);
      const refused = await beRefused(first, PAUSE_S);
      const others = await Promise.all(
        [second, first, second, second].map((device, n) => ask(device, n + 1)),
      );
      for (const { ended } of [refused, ...others]) {
        expect(await ended).to.include({ status: 'completed', attempt: 1 });
      }
      for (const { device, id } of [refused, ...others]) {
        expect(device.text(id)).to.equal('here it is');
      }
      const [at = 0, ...later] = arrivals();
      expect(later).to.have.length(5);
      for (const next of later) expect(next - at).to.be.at.least(PAUSE_S * 1_000 - 5);
    });

    it('does not keep anybody from stopping an answer that waits for it', async () => {
      const [first, second] = await devices(2);
      await beRefused(first, 30);
      const waiting = await ask(second, 1);
      const pressed = performance.now();
      await first?.ask('generation:stop', { message_id: waiting.id });
      expect(await waiting.ended).to.include({ status: 'stopped' });
      expect(performance.now() - pressed).to.be.below(20_000);
      expect(cluster.upstream.requests).to.have.length(1);
    });
  });

  describe('that says Retry-After for one of two models', () => {
    let redis: Redis;

    before(async () => {
      const env = { ...MANY, GENERATIONS_PER_USER: '1', GENERATIONS_TOTAL: '2' };
      cluster = await startCluster({
        inside: true,
        nodes: 2,
        env: { ...env, OPENAI_MODELS: 'another' },
      });
      redis = new Redis(cluster.redis.url);
    });
    after(async () => {
      redis?.disconnect();
      await cluster?.stop();
    });

    it('answers with the other at once, on all nodes, for the same user and others, whatever waits before', async () => {
      cluster.upstream.otherwise((response, request) => {
        const does = request.body.model === 'another' ? answer('quick') : rateLimited(6);
        return does(response, request);
      });
      const [ada, ada2] = await devices(2);
      const [, bob] = await devices(2);
      const slow = [];
      for (let n = 0; n < 4; n++) slow.push(await ask(n % 2 ? ada : ada2, n));
      slow.push(await ask(bob, 4));
      await eventually(() => pausedUntil(redis), Boolean);
      const ended: string[] = [];
      for (const { ended: end } of slow) void end.then(() => ended.push('slow'));
      const quick = [];
      for (const [n, device] of [ada, ada2, bob, ada].entries()) {
        quick.push(await ask(device, 10 + n, 'another'));
      }
      for (const { ended: end } of quick) {
        expect(await end).to.include({ status: 'completed' });
        ended.push('quick');
      }
      expect(ended).to.deep.equal(['quick', 'quick', 'quick', 'quick']);
      cluster.upstream.otherwise(answer('here it is'));
      for (const { ended: end } of slow) expect(await end).to.include({ status: 'completed' });
      const asked = cluster.upstream.requests.filter(({ body }) => body.model === 'test-model');
      const [{ at: first } = { at: 0 }] = asked;
      const refused = asked.filter(({ at }) => at < first + 5_900);
      expect(refused.length).to.be.at.most(2);
    });
  });

  describe('that grants so many requests a minute', () => {
    before(async () => {
      const env = { ...MANY, MODEL_REQUESTS_PER_MINUTE: String(LIMIT), LIMIT_SCALE: '0' };
      cluster = await startCluster({ inside: true, env });
    });
    after(() => cluster?.stop());
    beforeEach(() => {
      cluster.upstream.requests.length = 0;
    });

    it('gets no more than these from all of them together, and answers everything', async () => {
      const all = await devices(3);
      const count = BURST + 4;
      const asked = await Promise.all(
        Array.from({ length: count }, (_, n) => ask(all[n % all.length], n)),
      );
      for (const { ended } of asked) expect(await ended).to.include({ status: 'completed' });
      const at = arrivals().toSorted((a, b) => a - b);
      expect(at).to.have.length(count);
      at.forEach((from, i) => {
        at.slice(i).forEach((to, n) => {
          const allowed = BURST + (to - from + JITTER_MS) / EVERY_MS;
          expect(n + 1, `requests in ${to - from} ms`).to.be.at.most(allowed);
        });
      });
    });
  });

  it('is asked by every node for its own answers when Redis is away', async () => {
    // The line is empty first: a waiting answer could belong to any node, and its readers would wait for Redis.
    const env = { ...MANY, MODEL_REQUESTS_PER_MINUTE: String(LIMIT) };
    cluster = await startCluster({ inside: true, env });
    try {
      const all = await devices(3);
      await cluster.redis.stop();
      const asked = await Promise.all(all.map((device, n) => ask(device, n)));
      for (const { ended } of asked) expect(await ended).to.include({ status: 'completed' });
    } finally {
      await cluster.stop();
    }
  });
});
