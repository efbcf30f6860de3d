import { expect } from 'chai';
import { Redis } from 'ioredis';
import { eventually } from '../../../lab/eventually.js';
import { SteadyAnswer } from '../../../lab/models/steady-answer.js';
import { startRedisCluster, type TestRedisCluster } from '../../../lab/stores/redis-cluster.js';
import { type RedisNodes, startRedisNodes } from '../../../lab/stores/redis-nodes.js';
import type { RoomEvent } from '../../../src/contract/events.js';
import { collect, until } from '../../conformance/readers.js';
import { expectNoRejections } from '../../support/rejections.js';

/** A frozen master is given up after this long, and no other one on a busy machine. */
const GIVEN_UP_AFTER_MS = 2_000;
/** Number of tries in a slot that is half moved. */
const TRIES = 4;

const status = (conversationId: number, messageId: number): RoomEvent => ({
  name: 'message:status',
  payload: { conversation_id: conversationId, message_id: messageId, status: 'queued', attempt: 0 },
});

describe('On a Cluster in trouble, the redis engine', () => {
  expectNoRejections();

  let cluster: TestRedisCluster;
  let nodes: RedisNodes;
  let admins: Redis[];

  before(async () => {
    cluster = await startRedisCluster();
    admins = cluster.masters.map(({ port }) => new Redis(port, '127.0.0.1'));
    nodes = await startRedisNodes(cluster.url);
  });
  after(async () => {
    await nodes.stop();
    for (const admin of admins) admin.disconnect();
    await cluster.stop();
  });

  const slotOf = async (conversationId: number) =>
    Number(await admins[0]?.cluster('KEYSLOT', String(conversationId)));

  /** A conversation on the `index`th master, which has that third of the slots. */
  const conversationOn = async (index: number, from: number): Promise<number> => {
    for (let id = from; ; id++) if (Math.floor((await slotOf(id)) / 5_462) === index) return id;
  };

  it('goes on through the other masters while one is frozen, and is whole when it thaws', async () => {
    const options = { commandTimeoutMs: GIVEN_UP_AFTER_MS };
    const impatient = await startRedisNodes(cluster.url, cluster.url, options);
    try {
      await freezeOne(impatient);
    } finally {
      await impatient.stop();
    }
  });

  const freezeOne = async (nodes: RedisNodes) => {
    const ids = [
      await conversationOn(0, 1),
      await conversationOn(1, 1),
      await conversationOn(2, 1),
    ];
    const [frozen = 0, ...others] = ids;
    const readers = new Map(
      await Promise.all(ids.map(async (id) => [id, await collect(nodes.peer.log, id)] as const)),
    );
    const append = async (id: number, seq: number) => {
      const key = { conversationId: id, messageId: id };
      return nodes.engine.log.append(key, { attempt: 1, seq }, `${seq}`);
    };
    for (const id of ids) {
      await nodes.engine.log.begin({ conversationId: id, messageId: id }, 1);
      expect(await append(id, 1)).to.equal('appended');
    }
    const pid = cluster.masters[0]?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    expect(await append(frozen, 2)).to.equal('unreachable');
    for (const id of others) expect(await append(id, 2)).to.equal('appended');
    expect(await nodes.engine.health.check()).to.equal('degraded');
    process.kill(pid, 'SIGCONT');
    await eventually(
      () => append(frozen, 2),
      (result) => result === 'appended',
    );
    await eventually(
      () => readers.get(frozen)?.resyncs,
      (resyncs = 0) => resyncs > 0,
    );
    for (const id of others) expect(readers.get(id)).to.have.length(2);
    await eventually(
      () => nodes.engine.health.check(),
      (found) => found === 'ok',
    );
  };

  it('follows a slot to another master, and what its readers missed they read again', async () => {
    const id = await conversationOn(0, 1_000);
    const events = await collect(nodes.peer.log, id);
    const slot = await slotOf(id);
    const target = String(await admins[2]?.cluster('MYID'));
    for (const admin of admins) await admin.call('CLUSTER', 'SETSLOT', slot, 'NODE', target);
    await nodes.engine.log.publish(id, status(id, 1));
    await until(events, 1);
    await nodes.engine.log.publish(id, status(id, 2));
    await until(events, 2);
    const seen = events.map((event) => event.name === 'message:status' && event.payload.message_id);
    expect(seen.includes(1) || events.resyncs > 0).to.equal(true);
  });

  it('loses nothing of other conversations while a slot is half moved, and tries that one now and then', async () => {
    // Nodes of their own, which no earlier test has made try again.
    const fresh = await startRedisNodes(cluster.url);
    try {
      await halfMove(fresh);
    } finally {
      await fresh.stop();
    }
  });

  const halfMove = async (nodes: RedisNodes) => {
    const moved = await conversationOn(0, 3_000);
    const other = await conversationOn(0, moved + 1);
    const [movedEvents, otherEvents] = [
      await collect(nodes.peer.log, moved),
      await collect(nodes.peer.log, other),
    ];
    await nodes.engine.log.publish(moved, status(moved, 1));
    await until(movedEvents, 1);
    const slot = await slotOf(moved);
    const [source = '', target = ''] = await Promise.all(
      [0, 2].map(async (index) => String(await admins[index]?.cluster('MYID'))),
    );
    await admins[2]?.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source);
    await admins[0]?.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target);
    const tries: number[] = [];
    const subscription = nodes.engine.log.onRecovered(() => tries.push(performance.now()));
    let count = 0;
    const publishBoth = async () => {
      const [half, whole] = await Promise.all([
        nodes.engine.log.publish(moved, status(moved, 2)),
        nodes.engine.log.publish(other, status(other, ++count)),
      ]);
      expect([half, whole]).to.deep.equal(['unreachable', 'appended']);
    };
    while (tries.length < TRIES) await publishBoth();
    subscription.close();
    const [first = 0, last = 0] = [tries[0], tries.at(-1)];
    expect(last - first).to.be.at.least((TRIES - 1) * 400);
    await until(otherEvents, count);
    expect(otherEvents.resyncs).to.equal(0);
    const port = cluster.masters[2]?.port ?? 0;
    const key = `${nodes.keyPrefix}newest:{${moved}}`;
    await admins[0]?.call('MIGRATE', '127.0.0.1', port, key, 0, 5_000);
    for (const index of [2, 0, 1])
      await admins[index]?.call('CLUSTER', 'SETSLOT', slot, 'NODE', target);
    await eventually(
      () => movedEvents.resyncs,
      (resyncs) => resyncs > 0,
    );
    await eventually(
      () => nodes.engine.log.publish(moved, status(moved, 3)),
      (result) => result === 'appended',
    );
    expect(otherEvents.resyncs).to.equal(0);
  };

  it('goes on with the replica of a master that died, and its readers are whole', async () => {
    await cluster.addReplica();
    const id = await conversationOn(0, 2_000);
    const key = { conversationId: id, messageId: id };
    const own = await collect(nodes.engine.log, id);
    const elsewhere = await collect(nodes.peer.log, id);
    const answer = new SteadyAnswer(nodes.engine.log, key);
    await answer.more(5);
    admins[0]?.disconnect();
    await cluster.masters[0]?.stop();
    await answer.more(5);
    const outage = own.length;
    await eventually(
      async () =>
        (await nodes.peer.log.read(key, { attempt: 0, seq: 0 }))?.text === answer.log.text,
      (whole) => whole,
    );
    await eventually(
      () => elsewhere.resyncs,
      (resyncs) => resyncs > 0,
    );
    const text = await answer.end();
    expect(outage).to.be.at.least(9);
    expect(await nodes.peer.log.read(key, { attempt: 1, seq: 0 })).to.include({ text });
    const { length: count, resyncs } = elsewhere;
    let published = 0;
    await eventually(
      async () => {
        await nodes.engine.log.publish(id, status(id, ++published));
        return elsewhere.length;
      },
      (length) => length > count,
    );
    // What is published before the new master has the subscription is covered by a resync.
    const later = elsewhere.slice(count);
    const isSeen = later.some((e) => e.name === 'message:status' && e.payload.message_id === 1);
    await eventually(
      () => isSeen || elsewhere.resyncs > resyncs,
      (covered) => covered,
    );
  });
});
