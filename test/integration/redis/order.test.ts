import { expect } from 'chai';
import { Redis } from 'ioredis';
import { eventually } from '../../../lab/eventually.js';
import { startRedis, type TestRedis } from '../../../lab/stores/redis.js';
import { IMPATIENT, type RedisNodes, startRedisNodes } from '../../../lab/stores/redis-nodes.js';
import { type RedisProxy, startRedisProxy } from '../../../lab/stores/redis-proxy.js';
import { createKeys } from '../../../src/adapters/redis/keys.js';
import type { RoomEvent } from '../../../src/contract/events.js';
import { collect, until } from '../../conformance/readers.js';
import { expectNoRejections } from '../../support/rejections.js';

const ID = 7;
/** An own event waits for the channel for a quarter of a second, but only the first one does. */
const MANY = 40;
const PATIENCE_MS = 5_000;

const status = (messageId: number): RoomEvent => ({
  name: 'message:status',
  payload: { conversation_id: ID, message_id: messageId, status: 'queued', attempt: 0 },
});

const ids = (events: readonly RoomEvent[]) =>
  events.map((event) => (event.name === 'message:status' ? event.payload.message_id : 0));

describe('The order of a conversation, when messages of Redis are late or lost', () => {
  expectNoRejections();
  let redis: TestRedis;
  let way: RedisProxy;
  let nodes: RedisNodes;

  beforeEach(async () => {
    redis = await startRedis();
    way = await startRedisProxy(redis.port);
    nodes = await startRedisNodes(redis.url, way.url);
  });
  afterEach(async () => {
    await nodes.stop();
    await way.stop();
    await redis.stop();
  });

  const here = (n: number) => nodes.engine.log.publish(ID, status(n));
  const there = (n: number) => nodes.peer.log.publish(ID, status(n));
  const isResynced = (events: { resyncs: number }) =>
    eventually(
      () => events.resyncs,
      (resyncs) => resyncs > 0,
    );

  it('is that of the other node for own events too, which wait for what comes before them', async () => {
    const own = await collect(nodes.engine.log, ID);
    await here(1);
    way.mute(({ subscribes }) => subscribes);
    await there(2);
    const third = here(3);
    const fourth = here(4);
    expect(ids(own)).to.deep.equal([1]);
    way.heal();
    await Promise.all([third, fourth]);
    expect(ids(own)).to.deep.equal([1, 2, 3, 4]);
    expect(own.resyncs).to.equal(0);
  });

  it('holds nobody up when the channel is silent: own readers go on, and read again when it speaks', async () => {
    const own = await collect(nodes.engine.log, ID);
    // Not the beats: after three seconds without them the node reads again by itself.
    const silent = createKeys(nodes.keyPrefix, 'any').channel(ID);
    way.delay(({ channel }) => channel === silent);
    await there(1);
    const from = performance.now();
    await here(2);
    expect(performance.now() - from).to.be.below(PATIENCE_MS);
    const later = performance.now();
    const others = Array.from({ length: MANY }, (_, n) => 3 + n);
    for (const n of others) await here(n);
    expect(performance.now() - later).to.be.below(PATIENCE_MS);
    expect(ids(own)).to.deep.equal([2, ...others]);
    expect(own.resyncs).to.equal(0);
    way.heal();
    await isResynced(own);
    await Promise.all([there(1_001), here(1_002)]);
    await until(own, own.resyncs + MANY + 4);
    expect([...ids(own).slice(-2)].sort()).to.deep.equal([1_001, 1_002]);
    expect(own.resyncs).to.equal(1);
  });

  it('has no attempt behind a later one that has ended, though the node that wrote it is cut off', async () => {
    await nodes.stop();
    nodes = await startRedisNodes(redis.url, way.url, IMPATIENT);
    const key = { conversationId: ID, messageId: 1 };
    const own = await collect(nodes.engine.log, ID);
    await nodes.engine.log.begin(key, 1, 'a');
    await nodes.engine.log.append(key, { attempt: 1, seq: 1 }, 'old');
    await nodes.peer.log.begin(key, 2, 'b');
    await nodes.peer.log.append(key, { attempt: 2, seq: 1 }, 'new');
    await nodes.peer.log.publish(ID, {
      name: 'message:completed',
      payload: {
        conversation_id: ID,
        message_id: 1,
        attempt: 2,
        seq: 1,
        bytes: 3,
        sha256: '',
        status: 'completed',
        finish_reason: 'stop',
        usage: null,
        error: null,
      },
    });
    await until(own, 3);
    way.mute(() => true);
    const late = nodes.engine.log.append(key, { attempt: 1, seq: 2 }, 'er');
    expect(await late).to.equal('unreachable');
    expect(own.map(({ payload }) => ('attempt' in payload ? payload.attempt : 0))).to.deep.equal([
      1, 2, 2,
    ]);
  });

  it('shows a lost event at the next one, and once', async () => {
    const own = await collect(nodes.engine.log, ID);
    await there(1);
    way.lose(({ text }) => text.includes('"message_id":2'));
    await there(2);
    await there(3);
    await there(4);
    await until(own, 4);
    expect(ids(own)).to.deep.equal([1, 3, 4]);
    expect(own.resyncs).to.equal(1);
  });

  it('is read again after what no node of this release can read, and goes on', async () => {
    const own = await collect(nodes.engine.log, ID);
    await there(1);
    await until(own, 1);
    const channel = createKeys(nodes.keyPrefix, 'stranger').channel(ID);
    const stranger = new Redis(redis.port);
    try {
      await stranger.spublish(channel, 'of another release');
      await eventually(
        () => own.resyncs,
        (resyncs) => resyncs === 1,
      );
      await there(2);
      await until(own, 3);
      expect(ids(own)).to.deep.equal([1, 2]);
    } finally {
      stranger.disconnect();
    }
  });

  it('shows a lost event to who looks twice when nothing follows it, and only a lost one', async () => {
    const own = await collect(nodes.engine.log, ID);
    const look = () => nodes.engine.log.verify([ID, ID + 1]);
    await there(1);
    await until(own, 1);
    for (let i = 0; i < 5; i++) await look();
    expect(own.resyncs).to.equal(0);
    way.lose(() => true);
    await there(2);
    for (let i = 0; i < 2; i++) await look();
    expect(own.resyncs).to.equal(1);
    way.heal();
    for (let i = 0; i < 5; i++) await look();
    await Promise.all([there(3), here(4)]);
    await until(own, 4);
    expect(own.resyncs).to.equal(1);
  });

  it('shows that Redis came back with an older state, however far that has come since', async () => {
    const admin = new Redis(redis.port).on('error', () => {});
    for (const missed of [1, 2, 3]) {
      const own = await collect(nodes.engine.log, ID);
      await there(1);
      await until(own, 1);
      await admin.save();
      for (const n of [2, 3]) await there(n);
      await until(own, 3);
      way.mute(() => true);
      await redis.kill();
      await redis.start();
      await eventually(
        () => there(10),
        (result) => result === 'appended',
      );
      for (let n = 1; n < missed; n++) await there(10 + n);
      way.heal();
      await isResynced(own);
      own.close();
    }
    admin.disconnect();
  });

  it('lets owners look at their logs again after every reconnection, also when no command has failed', async () => {
    const admin = new Redis(redis.port);
    let recovered = 0;
    nodes.peer.log.onRecovered(() => {
      recovered += 1;
    });
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await eventually(
      () => recovered,
      (count) => count > 0,
    );
    admin.disconnect();
  });
});
