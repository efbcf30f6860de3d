import { expect } from 'chai';
import { Redis } from 'ioredis';
import { type Cluster, startCluster } from '../../lab/nodes/cluster.js';
import type { Device } from '../../lab/people/device.js';
import type { Account } from '../../lab/people/rest.js';
import { startRedis, type TestRedis } from '../../lab/stores/redis.js';

const TTL_SECONDS = 6;

describe('Two users in one conversation, each on a node of its own,', () => {
  let cluster: Cluster;
  let redis: TestRedis | undefined;
  let ada: Account;
  let bob: Account;
  let id: number;
  let adas: Device;

  before(async () => {
    const env = { PRESENCE_TTL_SECONDS: String(TTL_SECONDS), DRAIN_SECONDS: '1' };
    cluster = await startCluster({ nodes: 2, env });
    [ada, bob] = [await cluster.account('ada'), await cluster.account('bob')];
    adas = await cluster.device(0, ada);
    const { conversation } = await adas.ask('conversation:create', {});
    id = conversation.id;
    await cluster.rows(
      "INSERT INTO conversation_members (conversation_id, user_id, role) VALUES ($1, $2, 'editor')",
      [id, bob.id],
    );
  });
  after(async () => {
    await cluster?.stop();
    await redis?.stop();
  });

  const open = async (device: Device) =>
    (await device.ask('conversation:open', { conversation_id: id })).presence;

  /** Redis' entries for the conversation, expired or not. */
  const entries = async () => {
    const client = new Redis(cluster.redis.url);
    const [deployment] = await cluster.rows('SELECT id FROM deployment');
    const key = `parley:${deployment?.id}:presence:{${id}}`;
    return client.zrange(key, 0, -1).finally(() => client.disconnect());
  };

  const told = () => adas.all('presence:changed').map(({ user_ids }) => user_ids);

  /** The next change that ada gets, after `count` changes. */
  const next = async (count: number) => {
    await adas.until('presence:changed', () => told().length > count);
    return told()[count];
  };

  it('see each other come and go', async () => {
    expect(await open(adas)).to.deep.equal([ada.id]);
    const bobs = await cluster.device(1, bob);
    expect(await open(bobs)).to.deep.equal([ada.id, bob.id]);
    expect(await next(0)).to.deep.equal([ada.id, bob.id]);
    expect(await open(adas)).to.deep.equal([ada.id, bob.id]);
    bobs.close();
    expect(await next(1)).to.deep.equal([ada.id]);
  });

  it('are gone at once with a node that is told to end', async () => {
    const before = told().length;
    const bobs = await cluster.device(1, bob);
    await open(bobs);
    expect(await next(before)).to.deep.equal([ada.id, bob.id]);
    expect(await entries()).to.have.length(2);
    expect(await cluster.node(1).stop()).to.equal(0);
    // The node has removed its entry itself, so nobody waits for its end.
    expect(await entries()).to.have.length(1);
    expect(await next(before + 1)).to.deep.equal([ada.id]);
    expect(await open(adas)).to.deep.equal([ada.id]);
    await cluster.node(1).start();
  });

  it('are gone within the TTL with a node that was killed', async () => {
    const before = told().length;
    await open(await cluster.device(1, bob));
    expect(await next(before)).to.deep.equal([ada.id, bob.id]);
    await cluster.node(1).kill();
    const killed = performance.now();
    expect(await next(before + 1)).to.deep.equal([ada.id]);
    expect(performance.now() - killed).to.be.below(2 * TTL_SECONDS * 1_000);
    expect(await open(adas)).to.deep.equal([ada.id]);
    await cluster.node(1).start();
  });

  it('see each other again after Redis was started anew', async () => {
    const bobs = await cluster.device(1, bob);
    await open(bobs);
    await adas.until('presence:changed', () => told().at(-1)?.length === 2);
    await cluster.redis.stop();
    expect(await open(bobs))
      .to.include(bob.id)
      .and.not.include(ada.id);
    redis = await startRedis(cluster.redis.port);
    await bobs.until('presence:changed', ({ user_ids }) => user_ids.length === 2);
    const third = await cluster.device(0, bob);
    expect(await open(third)).to.deep.equal([ada.id, bob.id]);
    bobs.close();
    third.close();
    await adas.until('presence:changed', () => told().at(-1)?.length === 1);
    expect(told().at(-1)).to.deep.equal([ada.id]);
  });
});
