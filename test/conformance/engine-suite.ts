import { expect } from 'chai';
import { isWell } from '../../lab/stores/redis-nodes.js';
import type { RoomEvent } from '../../src/contract/events.js';
import type { Engine } from '../../src/ports/engine.js';
import type { NodeNotice } from '../../src/ports/node-notices.js';
import { collect, delta, until } from './readers.js';

/** Two nodes on one engine, fresh for every test. */
export interface Nodes {
  engine: Engine;
  peer: Engine;
  presenceTtlMs: number;
  stop(): Promise<void>;
}

let nextId = 1;
const freshKey = () => ({ conversationId: nextId++, messageId: nextId++ });
const START = { attempt: 0, seq: 0 };
const [ROUNDS, EVENTS, LAST] = [30, 20, 1_000];

const label = (event: RoomEvent): string =>
  event.name === 'message:status' ? `status ${event.payload.message_id}` : delta(event);

/** The guarantees of every engine. `peer` is a second node. */
export function engineConformance(name: string, createNodes: () => Promise<Nodes>): void {
  describe(`${name} engine`, () => {
    let nodes: Nodes;
    let engine: Engine;
    let peer: Engine;

    beforeEach(async () => {
      nodes = await createNodes();
      ({ engine, peer } = nodes);
    });
    afterEach(() => nodes.stop());

    const write = async (key: ReturnType<typeof freshKey>, attempt: number, texts: string[]) => {
      await engine.log.begin(key, attempt);
      for (const [i, text] of texts.entries()) {
        expect(await engine.log.append(key, { attempt, seq: i + 1 }, text)).to.equal('appended');
      }
    };

    describe('live log', () => {
      it('gives a reader on another node every delta once and in order', async () => {
        const key = freshKey();
        const events = await collect(peer.log, key.conversationId);
        await write(key, 1, ['你', '好', '👋🏽']);
        await until(events, 3);
        expect(events.map(delta)).to.deep.equal(['1-1 你', '1-2 好', '1-3 👋🏽']);
      });

      it('gives a local reader the delta before the append resolves', async () => {
        const key = freshKey();
        const events = await collect(engine.log, key.conversationId);
        await write(key, 1, ['a']);
        expect(events.map(delta)).to.deep.equal(['1-1 a']);
      });

      it('makes readers on all nodes read again when asked to', async () => {
        const key = freshKey();
        const [here, there, elsewhere] = await Promise.all([
          collect(engine.log, key.conversationId),
          collect(peer.log, key.conversationId),
          collect(peer.log, freshKey().conversationId),
        ]);
        await engine.log.resync(key.conversationId);
        await Promise.all([until(here, 1), until(there, 1)]);
        expect([here, there, elsewhere].map(({ resyncs }) => resyncs)).to.deep.equal([1, 1, 0]);
      });

      it('answers from any node what lies beyond a cursor', async () => {
        const key = freshKey();
        await write(key, 2, ['a', 'b', 'c']);
        expect(await peer.log.read(key, { attempt: 2, seq: 1 })).to.deep.equal({
          attempt: 2,
          fromSeq: 1,
          seq: 3,
          text: 'bc',
        });
      });

      it('answers everything to a cursor of another attempt', async () => {
        const key = freshKey();
        await write(key, 2, ['a', 'b']);
        const whole = { attempt: 2, fromSeq: 0, seq: 2, text: 'ab' };
        expect(await peer.log.read(key, { attempt: 1, seq: 2 })).to.deep.equal(whole);
        expect(await peer.log.read(key, START)).to.deep.equal(whole);
      });

      it('answers empty text and its own seq to a cursor that is ahead', async () => {
        const key = freshKey();
        await write(key, 1, ['a']);
        const slice = await peer.log.read(key, { attempt: 1, seq: 9 });
        expect(slice).to.deep.equal({ attempt: 1, fromSeq: 9, seq: 9, text: '' });
      });

      it('answers null for a log that does not exist', async () => {
        expect(await peer.log.read(freshKey(), START)).to.equal(null);
      });

      it('takes a repeated append as done and delivers it once', async () => {
        const key = freshKey();
        const events = await collect(engine.log, key.conversationId);
        await write(key, 1, ['a']);
        expect(await engine.log.append(key, { attempt: 1, seq: 1 }, 'a')).to.equal('appended');
        await write({ ...key, messageId: key.messageId + 1_000_000 }, 1, ['end']);
        expect(events.map(delta)).to.deep.equal(['1-1 a', '1-1 end']);
      });

      it('fences every lower attempt from the mark on, and nobody sees what it wrote', async () => {
        const key = freshKey();
        const events = await collect(peer.log, key.conversationId);
        await write(key, 1, ['old']);
        expect(await peer.log.begin(key, 2)).to.equal('appended');
        expect(await engine.log.append(key, { attempt: 1, seq: 2 }, 'zombie')).to.equal('fenced');
        expect(await engine.log.begin(key, 1)).to.equal('fenced');
        expect(await engine.log.rewrite(key, 1, ['zombie'])).to.equal('fenced');
        await peer.log.append(key, { attempt: 2, seq: 1 }, 'new');
        await until(events, 2);
        expect(events.map(delta)).to.deep.equal(['1-1 old', '2-1 new']);
        expect(await engine.log.read(key, START)).to.include({ attempt: 2, text: 'new' });
      });

      it('fences another owner of the same attempt, and keeps the text of the one who began it', async () => {
        const key = freshKey();
        const events = await collect(peer.log, key.conversationId);
        expect(await engine.log.begin(key, 2, 'first')).to.equal('appended');
        expect(await engine.log.begin(key, 2, 'first')).to.equal('appended');
        expect(await peer.log.begin(key, 2, 'second')).to.equal('fenced');
        await engine.log.append(key, { attempt: 2, seq: 1 }, 'a');
        expect(await peer.log.rewrite(key, 2, ['b', 'c'], 'second')).to.equal('fenced');
        expect(await engine.log.rewrite(key, 2, ['a', 'b'], 'first')).to.equal('appended');
        expect(await peer.log.begin(key, 2, 'second')).to.equal('fenced');
        expect(await engine.log.append(key, { attempt: 2, seq: 3 }, 'c')).to.equal('appended');
        expect(await peer.log.begin(key, 3, 'second')).to.equal('appended');
        expect(await engine.log.append(key, { attempt: 2, seq: 4 }, 'd')).to.equal('fenced');
        await until(events, 2);
        expect(events.map(delta)).to.deep.equal(['2-1 a', '2-3 c']);
        expect(await peer.log.longest(key)).to.deep.equal({ text: 'abc', reasoning: '' });
      });

      it('refuses a hole and an append without a mark, delivering neither', async () => {
        const key = freshKey();
        const events = await collect(engine.log, key.conversationId);
        expect(await engine.log.append(key, { attempt: 1, seq: 1 }, 'x')).to.equal('missing');
        await write(key, 1, ['a']);
        expect(await engine.log.append(key, { attempt: 1, seq: 3 }, 'c')).to.equal('missing');
        expect(await engine.log.append(key, { attempt: 2, seq: 1 }, 'y')).to.equal('missing');
        expect(events.map(delta)).to.deep.equal(['1-1 a']);
      });

      it('can be rewritten after a loss, asks readers to resynchronise, and goes on', async () => {
        const key = freshKey();
        const events = await collect(peer.log, key.conversationId);
        expect(await engine.log.rewrite(key, 3, ['a', 'b'])).to.equal('appended');
        await until(events, 1);
        expect(events.resyncs).to.equal(1);
        expect(await peer.log.read(key, START)).to.include({ attempt: 3, seq: 2, text: 'ab' });
        expect(await engine.log.append(key, { attempt: 3, seq: 3 }, 'c')).to.equal('appended');
      });

      it('remembers the longest text of all attempts', async () => {
        const key = freshKey();
        expect(await peer.log.longest(key)).to.deep.equal({ text: '', reasoning: '' });
        await write(key, 1, ['much ', 'longer']);
        await write(key, 2, ['short']);
        expect(await peer.log.longest(key)).to.deep.equal({ text: 'much longer', reasoning: '' });
      });

      it('carries reasoning beside the text by the same cursor, and says nothing of it where there is none', async () => {
        const key = freshKey();
        const events = await collect(peer.log, key.conversationId);
        const thought = { text: '', reasoning: '想\n' };
        const both = { text: 'a', reasoning: 'hm "\\' };
        await engine.log.begin(key, 1);
        for (const [i, piece] of [thought, both, 'b'].entries()) {
          const cursor = { attempt: 1, seq: i + 1 };
          expect(await engine.log.append(key, cursor, piece)).to.equal('appended');
        }
        await until(events, 3);
        const place = {
          conversation_id: key.conversationId,
          message_id: key.messageId,
          attempt: 1,
        };
        expect(events.map(({ payload }) => payload)).to.deep.equal([
          { ...place, seq: 1, ...thought },
          { ...place, seq: 2, ...both },
          { ...place, seq: 3, text: 'b' },
        ]);
        const from = (seq: number) => peer.log.read(key, { attempt: 1, seq });
        const read = (fromSeq: number, rest: object) => ({ attempt: 1, fromSeq, seq: 3, ...rest });
        expect(await from(0)).to.deep.equal(read(0, { text: 'ab', reasoning: '想\nhm "\\' }));
        expect(await from(1)).to.deep.equal(read(1, { text: 'ab', reasoning: both.reasoning }));
        expect(await from(2)).to.deep.equal(read(2, { text: 'b' }));
        expect(await from(3)).to.deep.equal(read(3, { text: '' }));
        await engine.log.rewrite(key, 1, [both, 'b', thought]);
        expect(await from(1)).to.deep.equal(read(1, { text: 'b', reasoning: thought.reasoning }));
        await engine.log.begin(key, 2);
        await engine.log.append(
          key,
          { attempt: 2, seq: 1 },
          { text: '', reasoning: 'much longer thoughts' },
        );
        expect(await peer.log.longest(key)).to.deep.equal({
          text: 'ab',
          reasoning: both.reasoning + thought.reasoning,
        });
      });

      it('still answers late readers when it is retired', async () => {
        const key = freshKey();
        await write(key, 1, ['a']);
        await engine.log.retire(key);
        expect(await peer.log.read(key, START)).to.include({ text: 'a', seq: 1 });
      });
    });

    describe('conversation events', () => {
      const status = (conversationId: number, messageId: number): RoomEvent => ({
        name: 'message:status',
        payload: {
          conversation_id: conversationId,
          message_id: messageId,
          status: 'queued',
          attempt: 0,
        },
      });

      it('come in the order in which a node published them, deltas among them', async () => {
        const key = freshKey();
        const events = await collect(peer.log, key.conversationId);
        await engine.log.publish(key.conversationId, status(key.conversationId, 1));
        await write(key, 1, ['a']);
        await engine.log.publish(key.conversationId, status(key.conversationId, 2));
        await until(events, 3);
        expect(events.map((e) => e.name)).to.deep.equal([
          'message:status',
          'message:delta',
          'message:status',
        ]);
      });

      it('come to the readers of all nodes in one order, however many nodes publish at once', async () => {
        for (let round = 0; round < ROUNDS; round++) {
          const id = nextId++;
          const readers = await Promise.all([engine, peer, engine].map((n) => collect(n.log, id)));
          const key = { conversationId: id, messageId: nextId++ };
          await engine.log.begin(key, 1);
          let seq = 0;
          const calls = Array.from({ length: EVENTS }, (_, i) => {
            if (i % 3 === 0) return engine.log.append(key, { attempt: 1, seq: ++seq }, `${i}`);
            return (i % 3 === 1 ? engine : peer).log.publish(id, status(id, i));
          });
          expect([...new Set(await Promise.all(calls))]).to.deep.equal(['appended']);
          await engine.log.publish(id, status(id, LAST));
          const orders = await Promise.all(
            readers.map(async (events) => {
              await untilTrue(() => events.map(label).includes(`status ${LAST}`));
              return events.map(label);
            }),
          );
          expect(orders[1]).to.deep.equal(orders[0]);
          expect(orders[2]).to.deep.equal(orders[0]);
          expect(readers.map(({ resyncs }) => resyncs)).to.deep.equal([0, 0, 0]);
          for (const reader of readers) reader.close();
        }
      });

      it('have come to local readers when the call that published them resolves, in that order too', async () => {
        for (let round = 0; round < ROUNDS; round++) {
          const id = nextId++;
          const [here, there] = [await collect(engine.log, id), await collect(peer.log, id)];
          const publish = async (node: Engine, events: typeof here, n: number) => {
            await node.log.publish(id, status(id, n));
            expect(events.map(label)).to.include(`status ${n}`);
          };
          await Promise.all([1, 2, 3, 4].map((n) => publish(engine, here, n)));
          await Promise.all([
            ...[5, 6, 7].map((n) => publish(engine, here, n)),
            ...[8, 9].map((n) => publish(peer, there, n)),
          ]);
          here.close();
          there.close();
        }
      });

      it('reach only readers of that conversation, and none after it closed', async () => {
        const [mine, other] = [freshKey(), freshKey()];
        const open = await collect(peer.log, mine.conversationId);
        const closed = await collect(peer.log, mine.conversationId);
        const elsewhere = await collect(peer.log, other.conversationId);
        closed.close();
        closed.close();
        await engine.log.publish(mine.conversationId, status(mine.conversationId, 1));
        await until(open, 1);
        expect(closed).to.have.length(0);
        expect(elsewhere).to.have.length(0);
      });

      it('are not missed from the moment the subscription resolves', async () => {
        for (let round = 0; round < 20; round++) {
          const key = freshKey();
          const events = await collect(peer.log, key.conversationId);
          await engine.log.publish(key.conversationId, status(key.conversationId, round));
          await until(events, 1);
        }
      });
    });

    describe('notices', () => {
      it('reach every node, the sender included, until closed', async () => {
        const seen: string[] = [];
        const arrived = (node: string) => (notice: NodeNotice) =>
          void seen.push(`${node} ${notice.type}`);
        const subscriptions = [
          engine.notices.onNotice(arrived('engine')),
          peer.notices.onNotice(arrived('peer')),
        ];
        await engine.notices.send({ type: 'work' });
        await untilTrue(() => seen.length === 2);
        for (const subscription of subscriptions) subscription.close();
        await engine.notices.send({ type: 'work' });
        expect(seen.sort()).to.deep.equal(['engine work', 'peer work']);
      });
    });

    describe('rate limiter', () => {
      const rule = { name: 'conformance', points: 3, windowMs: 60_000 };

      it('lets the budget through and tells how long to wait after it', async () => {
        const key = `k${nextId++}`;
        const waits = [];
        for (let i = 0; i < 4; i++) waits.push(await engine.limiter.consume(rule, key));
        expect(waits.slice(0, 3)).to.deep.equal([0, 0, 0]);
        expect(waits[3]).to.be.within(1, 60_000);
      });

      it('keeps keys and rules apart and counts costs', async () => {
        const key = `k${nextId++}`;
        expect(await engine.limiter.consume(rule, key, 3)).to.equal(0);
        expect(await engine.limiter.consume(rule, key)).to.be.above(0);
        expect(await engine.limiter.consume(rule, `${key}x`)).to.equal(0);
        expect(await engine.limiter.consume({ ...rule, name: 'other' }, key)).to.equal(0);
      });
    });

    it('is healthy', async () => {
      await isWell(engine);
    });
  });
}

async function untilTrue(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
