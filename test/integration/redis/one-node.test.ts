import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { SteadyAnswer } from '../../../lab/models/steady-answer.js';
import { startRedis, type TestRedis } from '../../../lab/stores/redis.js';
import {
  IMPATIENT,
  isWell,
  type RedisNodes,
  startRedisNodes,
} from '../../../lab/stores/redis-nodes.js';
import { type RedisProxy, startRedisProxy } from '../../../lab/stores/redis-proxy.js';
import type { RoomEvent } from '../../../src/contract/events.js';
import type { LogKey } from '../../../src/ports/live-log.js';
import { collect, delta, until } from '../../conformance/readers.js';
import { expectNoRejections } from '../../support/rejections.js';

const START = { attempt: 0, seq: 0 };
const key: LogKey = { conversationId: 9, messageId: 90 };

const status = (messageId: number): RoomEvent => ({
  name: 'message:status',
  payload: {
    conversation_id: key.conversationId,
    message_id: messageId,
    status: 'queued',
    attempt: 0,
  },
});

describe('When one node alone has trouble with Redis, the redis engine', () => {
  expectNoRejections();

  let redis: TestRedis;
  let proxy: RedisProxy;
  let nodes: RedisNodes;
  /** When a peer last reported that it hears its beats. */
  let peerHeardAt: number;

  const peersHear = async (ms: number) => peerHeardAt > performance.now() - ms;

  /** Nodes that soon give up a Redis that does not answer. */
  const beImpatient = async () => {
    await nodes.stop();
    nodes = await startRedisNodes(redis.url, proxy.url, { ...IMPATIENT, peersHear });
  };

  beforeEach(async () => {
    peerHeardAt = Number.NEGATIVE_INFINITY;
    redis = await startRedis();
    proxy = await startRedisProxy(redis.port);
    nodes = await startRedisNodes(redis.url, proxy.url, { peersHear });
  });
  afterEach(async () => {
    await nodes.stop();
    await proxy.stop();
    await redis.stop();
  });

  const health = () => nodes.engine.health.check();

  it('goes on for its own readers while it is cut off, and readers elsewhere are whole after it', async () => {
    const own = await collect(nodes.engine.log, key.conversationId);
    const elsewhere = await collect(nodes.peer.log, key.conversationId);
    const answer = new SteadyAnswer(nodes.engine.log, key);
    await answer.more(5);
    proxy.cut();
    await answer.more(20);
    expect(own.length).to.be.at.least(24);
    expect(own.resyncs).to.equal(0);
    expect(elsewhere.length).to.be.below(10);
    proxy.heal();
    await eventually(
      async () => (await nodes.peer.log.read(key, START))?.text === answer.log.text,
      (whole) => whole,
    );
    await eventually(
      () => elsewhere.resyncs,
      (resyncs) => resyncs > 0,
    );
    const text = await answer.end();
    expect(await nodes.peer.log.read(key, START)).to.include({ text });
  });

  it('tells its readers to read again what other nodes published while it was cut off', async () => {
    const own = await collect(nodes.engine.log, key.conversationId);
    proxy.cut();
    await nodes.peer.log.publish(key.conversationId, status(1));
    expect(own.length + own.resyncs).to.equal(0);
    proxy.heal();
    await until(own, 1);
    expect(own.resyncs).to.equal(1);
  });

  it('spares its readers when nothing was published while it was cut off', async () => {
    const own = await collect(nodes.engine.log, key.conversationId);
    const other = await collect(nodes.engine.log, key.conversationId + 1);
    await nodes.peer.log.publish(key.conversationId, status(1));
    await until(own, 1);
    proxy.cut();
    proxy.heal();
    await until(other, 1);
    await eventually(
      async () => {
        await nodes.peer.log.publish(key.conversationId, status(2));
        return own.length;
      },
      (count) => count > 1,
    );
    expect(own.resyncs).to.equal(0);
  });

  it('is degraded when it alone is cut off, failed when it knows that others hear, and well again after it', async () => {
    await isWell(nodes.engine);
    // A peer that said so before may have died together with Redis.
    peerHeardAt = performance.now();
    proxy.cut();
    await eventually(health, (found) => found === 'degraded');
    expect(await health()).to.equal('degraded');
    peerHeardAt = performance.now();
    expect(await health()).to.equal('failed');
    await isWell(nodes.peer);
    proxy.heal();
    await eventually(health, (found) => found === 'ok');
  });

  it('knows that it is deaf when commands work but nothing comes back, and listens on a new connection', async () => {
    const own = await collect(nodes.engine.log, key.conversationId);
    const from = performance.now();
    proxy.mute((link) => link.subscribes);
    await nodes.peer.log.publish(key.conversationId, status(1));
    await eventually(health, (found) => found !== 'ok');
    expect(await health()).to.equal('degraded');
    peerHeardAt = performance.now();
    expect(await health()).to.equal('failed');
    // Three seconds without a beat. One that is late by itself is no sign.
    expect(performance.now() - from).to.be.at.least(2_500);
    proxy.mute(() => false);
    await until(own, 1);
    // Another one, if it was still deaf when it tried again.
    expect(own.resyncs).to.be.at.least(1);
    await eventually(health, (found) => found === 'ok');
  });

  it('tells readers to read again when it could not read the log for one of them, though it heard everything', async () => {
    await beImpatient();
    const own = await collect(nodes.engine.log, key.conversationId);
    proxy.mute((link) => !link.subscribes);
    await nodes.peer.log.begin(key, 1);
    await nodes.peer.log.append(key, { attempt: 1, seq: 1 }, 'a');
    await until(own, 1);
    expect(await nodes.engine.log.read(key, START)).to.equal(null);
    expect(own.resyncs).to.equal(0);
    proxy.heal();
    await eventually(
      () => own.resyncs,
      (resyncs) => resyncs > 0,
    );
    expect(own.resyncs).to.equal(1);
    expect(await nodes.engine.log.read(key, START)).to.include({ text: 'a' });
  });

  it('takes an append that timed out but was applied for what it is', async () => {
    await beImpatient();
    const own = await collect(nodes.engine.log, key.conversationId);
    const elsewhere = await collect(nodes.peer.log, key.conversationId);
    await nodes.engine.log.begin(key, 1);
    proxy.mute((link) => !link.subscribes);
    const cursor = { attempt: 1, seq: 1 };
    expect(await nodes.engine.log.append(key, cursor, 'a')).to.equal('unreachable');
    await until(elsewhere, 1);
    proxy.heal();
    const repeated = await eventually(
      () => nodes.engine.log.append(key, cursor, 'a'),
      (result) => result !== 'unreachable',
    );
    expect(repeated).to.equal('appended');
    expect(await nodes.engine.log.append(key, { attempt: 1, seq: 2 }, 'b')).to.equal('appended');
    await eventually(
      () => elsewhere.map(delta),
      (deltas) => deltas.length === 2,
    );
    expect(await nodes.peer.log.read(key, START)).to.include({ text: 'ab', seq: 2 });
    expect(new Set(own.map(delta))).to.deep.equal(new Set(['1-1 a', '1-2 b']));
  });

  it('still has what it wrote while it is cut off, reasoning alone too, and admits that it knows no more', async () => {
    await nodes.engine.log.begin(key, 1);
    proxy.cut();
    const unknown = await nodes.engine.log.longest(key).catch((error: unknown) => error);
    expect(unknown).to.include({ code: 'unavailable' });
    const thought = { text: '', reasoning: 'hm' };
    await nodes.engine.log.append(key, { attempt: 1, seq: 1 }, thought);
    expect(await nodes.engine.log.longest(key)).to.deep.equal(thought);
  });

  it('is fenced by the attempt that another node has begun meanwhile', async () => {
    await nodes.engine.log.begin(key, 1);
    await nodes.engine.log.append(key, { attempt: 1, seq: 1 }, 'long text');
    proxy.cut();
    await nodes.peer.log.begin(key, 2);
    await nodes.peer.log.append(key, { attempt: 2, seq: 1 }, 'new');
    proxy.heal();
    const result = await eventually(
      () => nodes.engine.log.append(key, { attempt: 1, seq: 2 }, 'zombie'),
      (found) => found !== 'unreachable',
    );
    expect(result).to.equal('fenced');
    expect(await nodes.engine.log.rewrite(key, 1, ['zombie'])).to.equal('fenced');
    expect(await nodes.engine.log.read(key, START)).to.include({ attempt: 2, text: 'new' });
    expect(await nodes.peer.log.longest(key)).to.include({ text: 'long text' });
  });

  it('keeps the longest text of earlier attempts when it writes a log again, and tells its own readers too', async () => {
    await nodes.engine.log.begin(key, 1);
    await nodes.engine.log.append(key, { attempt: 1, seq: 1 }, 'long text');
    const own = await collect(nodes.peer.log, key.conversationId);
    expect(await nodes.peer.log.rewrite(key, 2, ['s', 'h'])).to.equal('appended');
    expect(await nodes.peer.log.rewrite(key, 2, ['s', 'h', 'o'])).to.equal('appended');
    expect(own.resyncs).to.equal(2);
    expect(await nodes.engine.log.longest(key)).to.include({ text: 'long text' });
    expect(await nodes.engine.log.read(key, { attempt: 2, seq: 1 })).to.include({ text: 'ho' });
    expect(await nodes.engine.log.append(key, { attempt: 1, seq: 2 }, 'x')).to.equal('fenced');
  });
});
