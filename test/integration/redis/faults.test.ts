import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { eventually } from '../../../lab/eventually.js';
import { SteadyAnswer } from '../../../lab/models/steady-answer.js';
import { startRedis, type TestRedis } from '../../../lab/stores/redis.js';
import { IMPATIENT, type RedisNodes, startRedisNodes } from '../../../lab/stores/redis-nodes.js';
import type { RoomEvent } from '../../../src/contract/events.js';
import type { LogKey } from '../../../src/ports/live-log.js';
import { collect, delta } from '../../conformance/readers.js';
import { expectNoRejections } from '../../support/rejections.js';

const START = { attempt: 0, seq: 0 };
const key: LogKey = { conversationId: 7, messageId: 70 };

const status = (messageId: number): RoomEvent => ({
  name: 'message:status',
  payload: {
    conversation_id: key.conversationId,
    message_id: messageId,
    status: 'queued',
    attempt: 0,
  },
});

describe('When Redis fails, the redis engine', () => {
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

  /** Nodes that soon give a frozen Redis up. */
  const beImpatient = async () => {
    await nodes.stop();
    nodes = await startRedisNodes(redis.url, redis.url, IMPATIENT);
  };

  /** The text that a reader on the owner's node got, and its longest wait in ms. */
  const watchOwner = async () => {
    const watched = { text: '', longestPause: 0, last: 0 };
    await nodes.engine.log.subscribe(key.conversationId, {
      onEvent(event) {
        if (event.name !== 'message:delta') return;
        const now = performance.now();
        if (watched.last > 0) {
          watched.longestPause = Math.max(watched.longestPause, now - watched.last);
        }
        watched.last = now;
        watched.text += event.payload.text;
      },
      onResync() {},
    });
    return watched;
  };

  const wholeElsewhere = (answer: SteadyAnswer) =>
    eventually(
      async () => {
        const slice = await nodes.peer.log.read(key, START);
        return slice?.seq === answer.log.seq && slice.text === answer.log.text;
      },
      (whole) => whole,
    );

  it('keeps the owner readers going through a restart and makes the others whole after it', async () => {
    const own = await watchOwner();
    const elsewhere = await collect(nodes.peer.log, key.conversationId);
    const answer = new SteadyAnswer(nodes.engine.log, key);
    // Pauses of this process are the machine's.
    const loop = monitorEventLoopDelay();
    loop.enable();
    await answer.more(10);
    await redis.stop();
    await answer.more(30);
    const outage = own.text;
    redis = await startRedis(redis.port);
    await wholeElsewhere(answer);
    await eventually(
      () => elsewhere.resyncs,
      (resyncs) => resyncs > 0,
    );
    const count = elsewhere.length;
    await eventually(
      () => elsewhere.length,
      (length) => length > count,
    );
    const text = await answer.end();
    expect(own.longestPause).to.be.below(1_000 + loop.max / 1e6);
    expect(text.startsWith(outage)).to.equal(true);
    expect(outage).to.include('30号');
    expect(await nodes.peer.log.read(key, START)).to.include({ text });
  });

  it('writes a log again that FLUSHALL has taken', async () => {
    const own = await collect(nodes.engine.log, key.conversationId);
    const elsewhere = await collect(nodes.peer.log, key.conversationId);
    const answer = new SteadyAnswer(nodes.engine.log, key);
    await answer.more(5);
    const admin = new Redis(redis.port);
    await admin.flushall();
    admin.disconnect();
    await answer.more(5);
    const text = await answer.end();
    expect(elsewhere.resyncs).to.be.above(0);
    expect(own.resyncs).to.be.above(0);
    expect(await nodes.peer.log.read(key, START)).to.include({ text, seq: answer.log.seq });
  });

  it('waits for a frozen Redis once, then not at all, and is whole when it thaws', async () => {
    await beImpatient();
    const own = await collect(nodes.engine.log, key.conversationId);
    await nodes.engine.log.begin(key, 1);
    process.kill(redis.pid, 'SIGSTOP');
    const timed = async (seq: number) => {
      const from = performance.now();
      const result = await nodes.engine.log.append(key, { attempt: 1, seq }, String(seq));
      return { result, ms: performance.now() - from };
    };
    const first = await timed(1);
    const later = [await timed(2), await timed(3), await timed(4)];
    const results = [first, ...later].map(({ result }) => result);
    expect(new Set(results)).to.deep.equal(new Set(['unreachable']));
    expect(first.ms).to.be.at.least(450);
    // Each would take as long as a command may. A busy machine holds one of them up, hardly all.
    expect(Math.min(...later.map(({ ms }) => ms))).to.be.below(450);
    expect(own.map(delta)).to.deep.equal(['1-1 1', '1-2 2', '1-3 3', '1-4 4']);
    expect(await nodes.engine.log.read(key, START)).to.include({ seq: 4, text: '1234' });
    expect(await nodes.engine.health.check()).to.equal('degraded');
    process.kill(redis.pid, 'SIGCONT');
    const result = await eventually(
      () => nodes.engine.log.append(key, { attempt: 1, seq: 5 }, '5'),
      (found) => found !== 'unreachable',
    );
    expect(result).to.equal('missing');
    expect(await nodes.engine.log.rewrite(key, 1, ['1', '2', '3', '4', '5'])).to.equal('appended');
    expect(await nodes.peer.log.read(key, START)).to.include({ seq: 5, text: '12345' });
    await eventually(
      () => nodes.engine.health.check(),
      (found) => found === 'ok',
    );
  });

  it('delivers in the order of the calls when commands under way are given up', async () => {
    await beImpatient();
    const own = await collect(nodes.engine.log, key.conversationId);
    await nodes.engine.log.begin(key, 1);
    process.kill(redis.pid, 'SIGSTOP');
    const calls = [nodes.engine.log.publish(key.conversationId, status(1))];
    await eventually(
      () => performance.now(),
      (
        (from) => (now) =>
          now - from > 300
      )(performance.now()),
    );
    calls.push(nodes.engine.log.publish(key.conversationId, status(2)));
    await calls[0];
    calls.push(nodes.engine.log.publish(key.conversationId, status(3)));
    await Promise.all(calls);
    process.kill(redis.pid, 'SIGCONT');
    const ids = own.map((event) => event.name === 'message:status' && event.payload.message_id);
    expect(ids).to.deep.equal([1, 2, 3]);
  });

  it('makes up for events that could not be published', async () => {
    await beImpatient();
    const elsewhere = await collect(nodes.peer.log, key.conversationId);
    const unconcerned = await collect(nodes.peer.log, key.conversationId + 1);
    process.kill(redis.pid, 'SIGSTOP');
    const first = await nodes.engine.log.publish(key.conversationId, status(1));
    const second = await nodes.engine.log.publish(key.conversationId, status(2));
    expect([first, second]).to.deep.equal(['unreachable', 'unreachable']);
    process.kill(redis.pid, 'SIGCONT');
    await eventually(
      () => elsewhere.resyncs,
      (resyncs) => resyncs > 0,
    );
    expect(unconcerned.resyncs).to.equal(0);
  });

  it('keeps from readers what an earlier owner had on its way when a later attempt has begun', async () => {
    await beImpatient();
    const elsewhere = await collect(nodes.peer.log, key.conversationId);
    await nodes.engine.log.begin(key, 1);
    process.kill(redis.pid, 'SIGSTOP');
    const [late] = await Promise.all([
      nodes.engine.log.append(key, { attempt: 1, seq: 1 }, 'late'),
      // The other node sends Redis nothing more after this.
      nodes.peer.log.publish(key.conversationId, status(1)),
    ]);
    expect(late).to.equal('unreachable');
    await nodes.peer.log.begin(key, 2);
    await nodes.peer.log.append(key, { attempt: 2, seq: 1 }, 'anew');
    process.kill(redis.pid, 'SIGCONT');
    await eventually(
      async () => {
        const slice = await nodes.peer.log.read(key, START);
        return slice?.attempt === 1 && slice.text === 'late';
      },
      (published) => published,
    );
    await eventually(
      () => nodes.engine.log.publish(key.conversationId, status(2)),
      (published) => published === 'appended',
    );
    await eventually(
      () => elsewhere.map(delta),
      (names) => names.length > 2,
    );
    expect(elsewhere.map(delta)).to.deep.equal(['message:status', '2-1 anew', 'message:status']);
  });

  it('accepts a reader in an outage and tells it to read again after it', async () => {
    await redis.stop();
    // The reader does not wait for Redis, which is back only afterwards.
    const elsewhere = await collect(nodes.peer.log, key.conversationId);
    redis = await startRedis(redis.port);
    await eventually(
      () => elsewhere.resyncs,
      (resyncs) => resyncs > 0,
    );
    await eventually(
      async () => {
        await nodes.engine.log.publish(key.conversationId, status(1));
        return elsewhere.length;
      },
      (count) => count > 0,
    );
  });

  it('resynchronises readers on a gap in the chain of events, and only then', async () => {
    const elsewhere = await collect(nodes.peer.log, key.conversationId);
    const own = await collect(nodes.engine.log, key.conversationId);
    for (const node of [nodes.engine, nodes.peer, nodes.engine, nodes.peer]) {
      await node.log.publish(key.conversationId, status(1));
    }
    await eventually(
      () => elsewhere.length + own.length,
      (count) => count === 8,
    );
    expect([elsewhere.resyncs, own.resyncs]).to.deep.equal([0, 0]);
    const admin = new Redis(redis.port);
    await admin.set(`${nodes.keyPrefix}newest:{${key.conversationId}}`, 'of-a-lost-event');
    admin.disconnect();
    await nodes.engine.log.publish(key.conversationId, status(2));
    await eventually(
      () => elsewhere.resyncs + own.resyncs,
      (count) => count === 2,
    );
  });

  it('hears its own notices once, and keeps limits of its own, without Redis', async () => {
    const heard: string[] = [];
    nodes.engine.notices.onNotice(({ type }) => heard.push(type));
    await redis.stop();
    const rule = { name: 'away', points: 2, windowMs: 60_000 };
    await nodes.engine.limiter.consume(rule, 'first');
    const from = performance.now();
    await nodes.engine.notices.send({ type: 'work' });
    const waits = [];
    for (let i = 0; i < 3; i++) waits.push(await nodes.engine.limiter.consume(rule, 'k'));
    // One call that waits for Redis takes five seconds.
    expect(performance.now() - from).to.be.below(4_500);
    expect(waits.slice(0, 2)).to.deep.equal([0, 0]);
    expect(waits[2]).to.be.above(0);
    expect(heard).to.deep.equal(['work']);
    redis = await startRedis(redis.port);
    await eventually(
      () => nodes.engine.health.check(),
      (found) => found === 'ok',
    );
    expect(heard).to.deep.equal(['work']);
  });

  it('does not hear its own notices twice when they come back', async () => {
    const heard: string[] = [];
    nodes.engine.notices.onNotice(({ type }) => heard.push(type));
    await nodes.engine.notices.send({ type: 'work' });
    await nodes.peer.notices.send({ type: 'stop', generationId: 1 });
    await eventually(
      () => heard,
      (types) => types.includes('stop'),
    );
    expect(heard).to.deep.equal(['work', 'stop']);
  });

  it('does not take a busy event loop for a silent Redis', async () => {
    const quick = await startRedisNodes(redis.url, redis.url, { commandTimeoutMs: 1_000 });
    await quick.engine.log.begin(key, 1);
    const appended = quick.engine.log.append(key, { attempt: 1, seq: 1 }, 'a');
    await new Promise((resolve) => process.nextTick(resolve));
    const until = performance.now() + 1_300;
    while (performance.now() < until);
    expect(await appended).to.equal('appended');
    await quick.stop();
  });
});
