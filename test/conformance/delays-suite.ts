import { expect } from 'chai';
import { eventually } from '../../lab/eventually.js';
import type { Engine } from '../../src/ports/engine.js';
import type { DelayRule } from '../../src/ports/failure-delays.js';
import type { Nodes } from './engine-suite.js';

const RULE: DelayRule = {
  name: 'conformance',
  free: 3,
  firstMs: 10_000,
  mostMs: 30_000,
  forgetMs: 60_000,
};

let nextKey = 1;

/** How failures delay a key, the same for every engine. */
export function delaysConformance(name: string, createNodes: () => Promise<Nodes>): void {
  describe(`${name} engine's delays`, () => {
    let nodes: Nodes;
    let engine: Engine;
    let peer: Engine;
    let key: string;

    beforeEach(async () => {
      nodes = await createNodes();
      ({ engine, peer } = nodes);
      key = `key ${nextKey++}`;
    });
    afterEach(() => nodes.stop());

    const failTimes = async (times: number, rule = RULE) => {
      const delays: number[] = [];
      for (let i = 0; i < times; i++) {
        delays.push(await (i % 2 ? engine : peer).delays.fail(rule, key));
      }
      return delays;
    };

    it('grow with every failure, whichever node it comes to, up to a bound', async () => {
      expect(await failTimes(7)).to.deep.equal([0, 0, 10_000, 20_000, 30_000, 30_000, 30_000]);
      for (const node of [engine, peer]) {
        expect(await node.delays.waitMs(RULE, key)).to.be.within(20_000, 30_000);
      }
    });

    it('count every one of those that fail at once', async () => {
      const all = Array.from({ length: 40 }, (_, i) =>
        (i % 2 ? engine : peer).delays.fail({ ...RULE, free: 40 }, key),
      );
      expect((await Promise.all(all)).filter((delay) => delay > 0)).to.deep.equal([10_000]);
    });

    it('let nobody wait who has not failed, and keep keys and rules apart', async () => {
      await failTimes(3);
      expect(await engine.delays.waitMs(RULE, `${key}x`)).to.equal(0);
      expect(await engine.delays.waitMs({ ...RULE, name: 'other' }, key)).to.equal(0);
    });

    it('are over when their time is, with the failures still counted', async () => {
      const quick = { ...RULE, firstMs: 30, mostMs: 40 };
      await failTimes(3, quick);
      await eventually(
        () => peer.delays.waitMs(quick, key),
        (waitMs) => waitMs === 0,
      );
      expect(await engine.delays.fail(RULE, key)).to.equal(20_000);
    });

    it('begin anew when they are forgotten', async () => {
      await failTimes(4);
      await peer.delays.forget(RULE, key);
      expect(await engine.delays.waitMs(RULE, key)).to.equal(0);
      expect(await failTimes(1)).to.deep.equal([0]);
    });

    it('begin anew when nothing has failed for long enough', async () => {
      const brief = { ...RULE, firstMs: 20, mostMs: 20, forgetMs: 60 };
      await failTimes(4, brief);
      const forgottenAt = performance.now() + 2 * brief.forgetMs;
      await eventually(
        () => performance.now(),
        (now) => now > forgottenAt,
      );
      expect(await failTimes(2, brief)).to.deep.equal([0, 0]);
    });
  });
}
