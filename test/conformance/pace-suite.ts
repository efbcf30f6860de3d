import { expect } from 'chai';
import { eventually } from '../../lab/eventually.js';
import type { Engine } from '../../src/ports/engine.js';
import {
  LONGEST_PAUSE_MS,
  type ModelPace,
  PACE_SPREAD_MS,
  type PaceLimits,
  type PaceSlot,
} from '../../src/ports/model-pace.js';
import type { Nodes } from './engine-suite.js';

const NONE: PaceLimits = { requestsPerMinute: 0, tokensPerMinute: 0 };
const REQUESTS: PaceLimits = { requestsPerMinute: 60, tokensPerMinute: 0 };
const TOKENS: PaceLimits = { requestsPerMinute: 0, tokensPerMinute: 6_000 };
/** Six at once, then one per this many ms. */
const EVERY_MS = 61_000 / 55;
const BURST = 6;
const EVERY_TOKEN_MS = 61_000 / 5_401;
/** Deviation of a wait by rounding and by two clocks. */
const SLACK_MS = 20;

/** When a slot begins. The wait was counted from some time between the request and its reply. */
interface Start {
  earliest: number;
  latest: number;
}

async function startOf(ask: () => Promise<{ waitMs: number }>): Promise<Start> {
  const asked = performance.now();
  const { waitMs } = await ask();
  return { earliest: asked + waitMs, latest: performance.now() + waitMs };
}

/** Whether the starts are spread over most of the time that they should be, and over hardly more. */
function expectSpread(starts: readonly Start[], most: number): void {
  const earliest = starts.map((start) => start.earliest);
  const latest = starts.map((start) => start.latest);
  const widest = Math.max(...latest) - Math.min(...earliest);
  const narrowest = Math.max(...earliest) - Math.min(...latest);
  expect(widest).to.be.at.least(PACE_SPREAD_MS * 0.8);
  expect(narrowest).to.be.at.most(PACE_SPREAD_MS * most);
}

/** One line for all nodes, the same for every engine. `peer` is a second node. */
export function paceConformance(name: string, createNodes: () => Promise<Nodes>): void {
  describe(`${name} pace`, () => {
    let nodes: Nodes;
    let engine: Engine;
    let peer: Engine;
    let startedAt: number;

    beforeEach(async () => {
      nodes = await createNodes();
      ({ engine, peer } = nodes);
      startedAt = performance.now();
    });
    afterEach(() => nodes.stop());

    const take = async (pace: ModelPace, limits: PaceLimits, tokens = 0, model = 'a-model') => {
      const most = Number.MAX_SAFE_INTEGER;
      const { slot, waitMs } = await pace.reserve(model, limits, tokens, most);
      if (!slot) throw new Error('no slot');
      return { slot, waitMs };
    };

    /** The waits of this many slots, taken by both nodes in turn. */
    const waits = async (count: number, limits: PaceLimits, tokens = 0) => {
      const all: number[] = [];
      for (let i = 0; i < count; i++) {
        all.push((await take(i % 2 === 0 ? engine.pace : peer.pace, limits, tokens)).waitMs);
      }
      return all;
    };

    /** The smallest possible wait after the time since the test began, however busy the machine is. */
    const least = (ms: number) => Math.max(0, ms - (performance.now() - startedAt) - SLACK_MS);

    const expectNear = (ms: number | undefined, expected: number) =>
      expect(ms).to.be.within(least(expected), Math.ceil(expected));

    it('keeps a line of its own for each further model server, which all nodes share', async () => {
      await waits(BURST + 1, REQUESTS);
      const [here, there] = [engine.paceOf('other'), peer.paceOf('other')];
      const other: number[] = [];
      for (let i = 0; i <= BURST; i++) {
        other.push((await take(i % 2 === 0 ? here : there, REQUESTS)).waitMs);
      }
      expect(other.slice(0, BURST)).to.deep.equal(Array(BURST).fill(0));
      expectNear(other[BURST], EVERY_MS);
      await here.pause('a-model', 5_000);
      expect([...(await there.pauses()).keys()]).to.deep.equal(['a-model']);
      expect((await engine.pace.pauses()).size).to.equal(0);
      expect((await peer.paceOf('third').pauses()).size).to.equal(0);
    });

    it('lets a tenth of a minute go at once and the rest one after another, whichever node asks', async () => {
      const all = await waits(BURST + 3, REQUESTS);
      expect(all.slice(0, BURST)).to.deep.equal(Array(BURST).fill(0));
      all.slice(BURST).forEach((ms, i) => {
        expectNear(ms, (i + 1) * EVERY_MS);
      });
    });

    it('holds nobody back without limits', async () => {
      expect(await waits(20, NONE, 1_000_000)).to.deep.equal(Array(20).fill(0));
    });

    it('says when a slot begins until it has begun', async () => {
      // One that begins late enough, however long the earlier ones took.
      let from = performance.now();
      let taken = await take(peer.pace, REQUESTS);
      while (taken.waitMs < 1_000) {
        from = performance.now();
        taken = await take(peer.pace, REQUESTS);
      }
      const { slot, waitMs } = taken;
      const remaining = await slot.remainingMs();
      const passed = performance.now() - from + SLACK_MS;
      expect(remaining).to.be.within(Math.max(0, waitMs - passed), waitMs);
      await eventually(
        () => slot.remainingMs(),
        (ms) => ms === 0,
      );
    });

    it('gives no slot further ahead than is asked for, and takes nothing then', async () => {
      await waits(BURST, REQUESTS);
      const refused = await peer.pace.reserve('a-model', REQUESTS, 0, 100);
      expect(refused.slot).to.equal(null);
      expectNear(refused.waitMs, EVERY_MS);
      expectNear((await take(engine.pace, REQUESTS)).waitMs, EVERY_MS);
    });

    it('counts tokens: a large request goes at once when nothing is owed, the next when it is paid', async () => {
      const [first, second] = await waits(2, TOKENS, 3_000);
      expect(first).to.equal(0);
      expectNear(second, 3_000 * EVERY_TOKEN_MS);
      expectNear((await take(engine.pace, TOKENS, 600)).waitMs, 6_000 * EVERY_TOKEN_MS);
    });

    it('takes a request of more tokens than a minute has for one of a whole minute', async () => {
      const [first, second] = await waits(2, TOKENS, 1_000_000);
      expect(first).to.equal(0);
      expectNear(second, 6_000 * EVERY_TOKEN_MS);
    });

    it('settles what an answer really took, for all nodes', async () => {
      const { slot } = await take(engine.pace, TOKENS, 3_000);
      expect(await peer.pace.waitMs(TOKENS)).to.be.above(0);
      await slot.settle(0);
      expect(await peer.pace.waitMs(TOKENS)).to.equal(0);
      const { slot: again } = await take(engine.pace, TOKENS, 1_000);
      await again.settle(3_000);
      expectNear(await peer.pace.waitMs(TOKENS), (3_000 - 600) * EVERY_TOKEN_MS);
    });

    it('lets no answer that took more than was expected hold the others up for over a minute', async () => {
      const slots: PaceSlot[] = [];
      for (let i = 0; i < 5; i++) slots.push((await take(engine.pace, TOKENS)).slot);
      for (const slot of slots) await slot.settle(1_000_000);
      expect(await peer.pace.waitMs(TOKENS)).to.be.within(50_000, 60_000);
    });

    it('asks without taking', async () => {
      await waits(BURST, REQUESTS);
      for (let i = 0; i < 5; i++) expectNear(await peer.pace.waitMs(REQUESTS), EVERY_MS);
    });

    describe('when the model server wants a pause of all models', () => {
      it('begins no slot of any node before its end, with and without limits', async () => {
        await engine.pace.pause(null, 10_000);
        expectNear(await peer.pace.waitMs(NONE), 10_000);
        for (const limits of [NONE, REQUESTS]) {
          const { slot, waitMs } = await take(peer.pace, limits);
          expect(waitMs).to.be.within(least(10_000), 10_000 + PACE_SPREAD_MS);
          expect(await slot.remainingMs()).to.be.within(1, waitMs);
        }
      });

      it('moves the slots that wait already, in their order', async () => {
        await waits(BURST, REQUESTS);
        const first = await take(engine.pace, REQUESTS);
        const second = await take(peer.pace, REQUESTS);
        await engine.pace.pause(null, 10_000);
        expectNear(await first.slot.remainingMs(), 10_000 + first.waitMs);
        expectNear(await second.slot.remainingMs(), 10_000 + second.waitMs);
        expectNear((await take(engine.pace, REQUESTS)).waitMs, 10_000 + 3 * EVERY_MS);
      });

      it('holds back a slot that has begun but is not used yet', async () => {
        const { slot, waitMs } = await take(engine.pace, NONE);
        expect(waitMs).to.equal(0);
        await peer.pace.pause(null, 5_000);
        expectNear(await slot.remainingMs(), 5_000);
      });

      it('only ever extends it, by what is more', async () => {
        await engine.pace.pause(null, 10_000);
        const { slot, waitMs } = await take(peer.pace, NONE);
        await peer.pace.pause(null, 1_000);
        expectNear(await slot.remainingMs(), waitMs);
        await peer.pace.pause(null, 20_000);
        expectNear(await slot.remainingMs(), 20_000);
        expect(await engine.pace.waitMs(NONE)).to.be.above(least(20_000));
      });

      it('never makes it longer than the longest', async () => {
        await engine.pace.pause(null, 3_600_000);
        expectNear(await peer.pace.waitMs(NONE), LONGEST_PAUSE_MS);
      });

      it('lets nobody storm at its end', async () => {
        await engine.pace.pause(null, 10_000);
        const starts: Start[] = [];
        for (let i = 0; i < 200; i++) {
          starts.push(await startOf(() => take(i % 2 ? engine.pace : peer.pace, NONE)));
        }
        expectSpread(starts, 1.2);
        for (const { earliest } of starts) {
          const end = earliest + 100;
          const near = starts.filter((other) => other.earliest >= earliest && other.latest < end);
          expect(near.length).to.be.below(40);
        }
      });
    });

    describe('when it wants a pause of one model', () => {
      const SLOW = 'slow/model: {with} "any" name';
      const QUICK = 'quick';
      const takeFor = (model: string, pace = engine.pace, limits = NONE) =>
        take(pace, limits, 0, model);

      it('begins no slot of that model on any node before its end, and those of others at once', async () => {
        await engine.pace.pause(SLOW, 10_000);
        for (const limits of [NONE, REQUESTS]) {
          const { slot, waitMs } = await takeFor(SLOW, peer.pace, limits);
          expect(waitMs).to.be.within(least(10_000), 10_000 + PACE_SPREAD_MS);
          expect(await slot.remainingMs()).to.be.within(1, waitMs);
          expect((await takeFor(QUICK, peer.pace, limits)).waitMs).to.equal(0);
        }
        expect(await peer.pace.waitMs(NONE)).to.equal(0);
        expect(await peer.pace.waitMs(NONE, QUICK)).to.equal(0);
        expect(await peer.pace.waitMs(NONE, SLOW)).to.be.within(
          least(10_000),
          10_000 + PACE_SPREAD_MS,
        );
      });

      it('tells all nodes which models are paused, and for how long yet', async () => {
        expect(await peer.pace.pauses()).to.deep.equal(new Map());
        await engine.pace.pause(SLOW, 10_000);
        await peer.pace.pause('third', 40);
        await engine.pace.pause(null, 20_000);
        const pauses = await peer.pace.pauses();
        expect(pauses.get(SLOW)).to.be.within(least(10_000), 10_000);
        await eventually(
          () => peer.pace.pauses(),
          (left) => [...left.keys()].join() === SLOW,
        );
      });

      it('takes nothing from the line for what it holds back, however much that is', async () => {
        await engine.pace.pause(SLOW, 10_000);
        for (let i = 0; i < 20; i++) await takeFor(SLOW, engine.pace, REQUESTS);
        for (let i = 0; i < BURST; i++) {
          expect((await takeFor(QUICK, peer.pace, REQUESTS)).waitMs).to.equal(0);
        }
        expectNear((await takeFor(QUICK, peer.pace, REQUESTS)).waitMs, EVERY_MS);
      });

      it('moves its slots that wait already, in their order and before later ones, and no others', async () => {
        for (let i = 0; i < BURST; i++) await takeFor(QUICK, engine.pace, REQUESTS);
        const first = await takeFor(SLOW, engine.pace, REQUESTS);
        const between = await takeFor(QUICK, peer.pace, REQUESTS);
        const second = await takeFor(SLOW, peer.pace, REQUESTS);
        await engine.pace.pause(SLOW, 10_000);
        const later = await takeFor(SLOW, engine.pace, REQUESTS);
        expectNear(await first.slot.remainingMs(), 10_000 + first.waitMs);
        expectNear(await between.slot.remainingMs(), between.waitMs);
        expectNear(await second.slot.remainingMs(), 10_000 + second.waitMs);
        expect(later.waitMs).to.be.at.least(least(10_000 + second.waitMs));
      });

      it('has what it held back take its place in the line when it is over', async () => {
        const held = await takeFor(SLOW, engine.pace, REQUESTS);
        await peer.pace.pause(SLOW, 800);
        const asked = await takeFor(SLOW, peer.pace, REQUESTS);
        for (let i = 1; i < BURST; i++) await takeFor(QUICK, peer.pace, REQUESTS);
        expect(await held.slot.remainingMs()).to.be.within(least(800), 800);
        // Its budget at the time of the pause is lost, so both wait for places behind the others.
        await eventually(
          () => peer.pace.pauses(),
          (pauses) => pauses.size === 0,
        );
        const waited = await asked.slot.remainingMs();
        expectNear(waited, EVERY_MS);
        expect(await held.slot.remainingMs()).to.be.within(least(2 * EVERY_MS), 2 * EVERY_MS + 1);
        // Whoever has taken a place takes no second one by asking again.
        expect(await asked.slot.remainingMs()).to.be.at.most(waited);
      });

      it('waits for the longer of both pauses', async () => {
        await engine.pace.pause(SLOW, 5_000);
        await engine.pace.pause(null, 10_000);
        const { slot } = await takeFor(SLOW, peer.pace);
        await eventually(
          () => slot.remainingMs(),
          (ms) => ms > least(9_000),
        );
        await engine.pace.pause(SLOW, 20_000);
        expect(await slot.remainingMs()).to.be.at.least(least(20_000));
        expectNear((await takeFor(QUICK, peer.pace)).waitMs, 10_000);
      });

      it('only ever extends it, and never beyond the longest', async () => {
        await engine.pace.pause(SLOW, 10_000);
        await peer.pace.pause(SLOW, 1_000);
        expect((await engine.pace.pauses()).get(SLOW)).to.be.within(least(10_000), 10_000);
        await peer.pace.pause(SLOW, 3_600_000);
        expect((await engine.pace.pauses()).get(SLOW)).to.be.within(
          least(LONGEST_PAUSE_MS),
          LONGEST_PAUSE_MS,
        );
      });

      it('lets nobody storm at its end', async () => {
        await engine.pace.pause(SLOW, 10_000);
        const starts: Start[] = [];
        for (let i = 0; i < 100; i++) {
          starts.push(await startOf(() => takeFor(SLOW, i % 2 ? engine.pace : peer.pace)));
        }
        expectSpread(starts, 1.3);
      });
    });
  });
}
