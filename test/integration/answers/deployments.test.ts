import { expect } from 'chai';
import { Redis } from 'ioredis';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import { startRedis, type TestRedis } from '../../../lab/stores/redis.js';
import { startRedisCluster } from '../../../lab/stores/redis-cluster.js';
import { redisEngine } from '../../../lab/stores/redis-nodes.js';
import { createKeys } from '../../../src/adapters/redis/keys.js';
import { expectNoRejections } from '../../support/rejections.js';

interface Deployment {
  app: TestApp;
  id: string;
  ada: Account;
  device: Device;
}

/** Rows of both have the same ids: each is the first of its kind. */
async function deploy(url: string): Promise<Deployment> {
  const app = await startApp({ REDIS_URL: url });
  const [row] = await app.rows<{ id: string }>('SELECT id FROM deployment');
  const ada = await app.register('ada');
  const device = await app.device(ada);
  await device.ask('conversation:create', {});
  await device.ask('conversation:open', { conversation_id: 1 });
  return { app, id: row?.id ?? '', ada, device };
}

for (const [where, database] of [
  ['in another database of it', 1],
  ['in the same database of it', 0],
] as const) {
  describe(`Two deployments on one Redis server, the second ${where}`, () => {
    expectNoRejections();

    let redis: TestRedis;
    let first: Deployment;
    let second: Deployment;

    before(async () => {
      redis = await startRedis();
      [first, second] = [await deploy(`${redis.url}/0`), await deploy(`${redis.url}/${database}`)];
    });
    after(async () => {
      await Promise.all([first.app.stop(), second.app.stop()]);
      await redis.stop();
    });

    const ask = async ({ app, device }: Deployment, content: string) => {
      app.upstream.script(answer([`to ${content}`]));
      const sent = await device.ask('message:send', {
        conversation_id: 1,
        content,
        client_id: `c-${content}`,
      });
      await device.ended(sent.assistant_message.id);
      return sent.assistant_message.id;
    };

    it('do not hear each other, though conversations, messages and users have the same ids', async () => {
      expect(await ask(first, 'first')).to.equal(await ask(second, 'second'));
      await ask(first, 'again');
      for (const [{ device }, word] of [
        [first, 'second'],
        [second, 'first'],
      ] as const) {
        expect(JSON.stringify(device.received)).to.not.include(word);
      }
    });

    it('do not count each other as present', async () => {
      const { presence } = await first.device.ask('conversation:open', { conversation_id: 1 });
      expect(presence).to.deep.equal([first.ada.id]);
      expect(first.ada.id).to.equal(second.ada.id);
      expect(first.device.all('presence:changed')).to.deep.equal([]);
    });

    it('neither limit nor delay each other', async () => {
      const body = { email: first.ada.email, password: 'wrong' };
      const login = async ({ app }: Deployment) => (await app.call('/auth/login', { body })).status;
      let status = 0;
      while (status !== 429) status = await login(first);
      expect(await login(second)).to.equal(401);
      await ask(second, 'later');
      expect(second.device.socket.connected).to.equal(true);
    });

    it('have their ids in the name of every key and every channel', async () => {
      const names = new Set<string>();
      for (const db of new Set([0, database])) {
        const admin = new Redis(redis.port, { db });
        const found = [
          await admin.keys('*'),
          await admin.pubsub('CHANNELS'),
          await admin.pubsub('SHARDCHANNELS'),
        ];
        for (const name of found.flat()) names.add(String(name));
        admin.disconnect();
      }
      const own = ({ id }: Deployment) =>
        [...names].filter((name) => name.startsWith(`parley:${id}:`));
      expect(own(first)).to.have.length.above(8);
      expect(own(second)).to.have.length.above(8);
      expect(own(first).length + own(second).length).to.equal(names.size);
    });
  });
}

describe('The keys of one conversation', () => {
  it('lie on one slot of a Cluster, and those of conversations on many', async () => {
    const cluster = await startRedisCluster(1);
    const admin = new Redis(cluster.masters[0]?.port ?? 0);
    const keys = createKeys('parley:0f0e5a3c-7d3b-4a0e-9a44-1d9f2f3f1a11:', 'node');
    const slotsOf = (id: number) => {
      const key = { conversationId: id, messageId: 7 };
      const names = [keys.log(key), keys.newest(id), keys.channel(id), keys.presence(id)];
      return Promise.all(names.map((name) => admin.cluster('KEYSLOT', name)));
    };
    const [one, two] = [await slotsOf(1), await slotsOf(2)];
    admin.disconnect();
    await cluster.stop();
    expect(new Set(one).size).to.equal(1);
    expect(new Set(two).size).to.equal(1);
    expect(one[0]).to.not.equal(two[0]);
  });

  it('may not have a prefix that would move them', () => {
    expect(() => redisEngine({ url: 'redis://localhost', keyPrefix: 'a{b}:' })).to.throw('braces');
  });
});
