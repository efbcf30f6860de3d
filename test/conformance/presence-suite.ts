import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { eventually } from '../../lab/eventually.js';
import type { RoomEvent } from '../../src/contract/events.js';
import type { Engine } from '../../src/ports/engine.js';
import type { Nodes } from './engine-suite.js';
import { type Collected, collect } from './readers.js';

let conversation = 1_000_000;

/** The sets of users that a reader got, in order. */
const told = (events: Collected) =>
  events.flatMap((event) => (event.name === 'presence:changed' ? [event.payload.user_ids] : []));

/** Tests who has a conversation open, on every engine. The TTL of `createNodes` must be short. */
export function presenceConformance(name: string, createNodes: () => Promise<Nodes>): void {
  describe(`${name} presence`, () => {
    let nodes: Nodes;
    let engine: Engine;
    let peer: Engine;
    let id: number;

    beforeEach(async () => {
      nodes = await createNodes();
      ({ engine, peer } = nodes);
      conversation += 1;
      id = conversation;
    });
    afterEach(() => nodes.stop());

    const present = (node: Engine) => [...node.presence.present(id)];

    const becomes = (node: Engine, users: number[]) =>
      eventually(
        () => present(node),
        (found) => String(found) === String(users),
      );

    /** Resolves when the reader has got all earlier events. */
    const drained = async (events: Collected, from: Engine) => {
      const messageId = events.length + 1;
      const payload = { conversation_id: id, message_id: messageId, status: 'queued', attempt: 0 };
      await from.log.publish(id, { name: 'message:status', payload } as RoomEvent);
      await eventually(
        () => events,
        (seen) =>
          seen.some((e) => e.name === 'message:status' && e.payload.message_id === messageId),
      );
    };

    it('is known to whoever enters, for all nodes, ascending and each user once', async () => {
      await engine.presence.enter(id, 10);
      await peer.presence.enter(id, 9);
      await peer.presence.enter(id, 10);
      expect(present(peer)).to.deep.equal([9, 10]);
      await engine.presence.enter(id, 100);
      expect(present(engine)).to.deep.equal([9, 10, 100]);
    });

    it('is told to a node on which nobody is present, when it asks', async () => {
      await peer.presence.enter(id, 10);
      await engine.presence.enter(id, 9);
      expect(await engine.presence.everywhere(id)).to.deep.equal([9, 10]);
      await engine.presence.leave(id, 9);
      expect(await engine.presence.everywhere(id)).to.deep.equal([10]);
      await peer.presence.leave(id, 10);
      expect(await engine.presence.everywhere(id)).to.deep.equal([]);
      expect(await engine.presence.everywhere(id + 500_000)).to.deep.equal([]);
    });

    it('is nobody where nobody entered', async () => {
      await engine.presence.leave(id, 1);
      expect(present(engine)).to.deep.equal([]);
    });

    it('is told to the readers of all nodes when a user comes and when one goes', async () => {
      const [here, there] = [await collect(engine.log, id), await collect(peer.log, id)];
      await engine.presence.enter(id, 1);
      await peer.presence.enter(id, 2);
      await becomes(engine, [1, 2]);
      await peer.presence.enter(id, 3);
      await becomes(engine, [1, 2, 3]);
      await peer.presence.leave(id, 2);
      await becomes(engine, [1, 3]);
      await becomes(peer, [1, 3]);
      expect(told(here)).to.deep.equal([
        [1, 2],
        [1, 2, 3],
        [1, 3],
      ]);
      expect(told(there).slice(-2)).to.deep.equal([
        [1, 2, 3],
        [1, 3],
      ]);
    });

    it('is not told to who is alone', async () => {
      const events = await collect(engine.log, id);
      await engine.presence.enter(id, 1);
      await drained(events, engine);
      expect(told(events)).to.deep.equal([]);
    });

    it('does not change for a user who is there already, or who is still there on another node', async () => {
      await engine.presence.enter(id, 1);
      await peer.presence.enter(id, 2);
      await becomes(engine, [1, 2]);
      const events = await collect(engine.log, id);
      await peer.presence.enter(id, 1);
      await peer.presence.enter(id, 1);
      await engine.presence.leave(id, 1);
      await engine.presence.enter(id, 1);
      await peer.presence.leave(id, 1);
      await drained(events, peer);
      expect(told(events)).to.deep.equal([]);
      expect(present(engine)).to.deep.equal([1, 2]);
    });

    it('ends with the same set on all nodes when many come and go at the same moment', async () => {
      const events = [await collect(engine.log, id), await collect(peer.log, id)];
      await Promise.all([engine.presence.enter(id, 1), peer.presence.enter(id, 2)]);
      const moves = [];
      for (let user = 3; user < 40; user += 1) {
        const [node, other] = user % 2 ? [engine, peer] : [peer, engine];
        moves.push(node.presence.enter(id, user), other.presence.enter(id, user));
        moves.push(node.presence.leave(id, user));
        if (user % 3) moves.push(other.presence.leave(id, user));
      }
      await Promise.all(moves);
      const left = [1, 2];
      for (let user = 3; user < 40; user += 1) if (user % 3 === 0) left.push(user);
      for (const node of [engine, peer]) await becomes(node, left);
      for (const each of events) expect(told(each).at(-1)).to.deep.equal(left);
    });

    it('is a matter of each conversation alone', async () => {
      await engine.presence.enter(id, 1);
      await peer.presence.enter(id + 1_000_000, 2);
      expect(present(engine)).to.deep.equal([1]);
    });

    it('begins anew for who comes back', async () => {
      await peer.presence.enter(id, 2);
      await engine.presence.enter(id, 1);
      await engine.presence.leave(id, 1);
      await peer.presence.leave(id, 2);
      await engine.presence.enter(id, 1);
      expect(present(engine)).to.deep.equal([1]);
    });

    it('outlives its TTL as long as its node lives, and no longer', async () => {
      const events = await collect(engine.log, id);
      await engine.presence.enter(id, 1);
      await peer.presence.enter(id, 2);
      await becomes(engine, [1, 2]);
      // The time itself is tested.
      await sleep(nodes.presenceTtlMs);
      await becomes(engine, [1, 2]);
      // Pauses of this process are the machine's.
      const loop = monitorEventLoopDelay();
      loop.enable();
      const died = performance.now();
      await peer.stop();
      await becomes(engine, [1]);
      const took = performance.now() - died;
      loop.disable();
      expect(took).to.be.below(nodes.presenceTtlMs + loop.max / 1e6);
      expect(told(events).at(-1)).to.deep.equal([1]);
    });
  });
}
