import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { type Asked, ask, completed, nothingLeft, stored } from '../../../lab/models/asked.js';
import { Storyteller } from '../../../lab/models/storyteller.js';
import { type Cluster, PRODUCT_TIMES, startCluster } from '../../../lab/nodes/cluster.js';
import { Reader } from '../../../lab/people/reader.js';
import type { Account } from '../../../lab/people/rest.js';
import { Tap } from '../../../lab/people/tap.js';

const READERS = 12;
const EVERY_MS = 20;
const TITLE = 'story';

describe('When a node of readers is killed in the middle of an answer', () => {
  let cluster: Cluster;
  let teller: Storyteller;
  let ada: Account;
  let asked: Asked;
  let taps: { reader: Reader; tap: Tap }[];

  before(async () => {
    cluster = await startCluster({ balancer: 'nginx', env: PRODUCT_TIMES });
    teller = new Storyteller(cluster.upstream, {
      everyMs: EVERY_MS,
      pieces: () => Number.POSITIVE_INFINITY,
    });
    ada = await cluster.account('ada');
    asked = await ask(await cluster.device(0, ada), TITLE);
    taps = Array.from({ length: READERS }, () => {
      const reader = new Reader(cluster.url, ada);
      return { reader, tap: new Tap(reader.client, asked.id) };
    });
  });
  after(async () => {
    for (const { reader } of taps ?? []) reader.close();
    await cluster?.stop();
  });

  const nodeId = async (index: number) => {
    const device = await cluster.device(index, ada);
    return (await device.until('server:hello')).node_id;
  };

  /** Everybody gets some more deltas. */
  const readOn = () =>
    Promise.all(
      taps.map(async ({ reader }) => {
        const { seq: from } = await reader.sees(asked.conversationId, () => true);
        await reader.sees(asked.conversationId, ({ seq }) => seq > from + 20);
      }),
    );

  it('they are on another one and caught up, each delta having come once', async () => {
    await readOn();
    // The owner is left out.
    for (const index of [1, 2]) {
      const lost = await nodeId(index);
      const moving = taps.filter(({ reader }) => reader.nodeId === lost);
      expect(moving, `readers on node ${index}`).to.not.be.empty;
      const openings = moving.map(({ tap }) => tap.resumedFrom.length);
      await cluster.node(index).kill();
      await eventually(
        () => moving.every(({ tap }, i) => tap.resumedFrom.length > (openings[i] ?? 0)),
        (caughtUp) => caughtUp,
      );
      for (const { reader } of moving) expect(reader.nodeId).to.not.equal(lost);
      await readOn();
    }
    teller.end();
    for (const { reader, tap } of taps) {
      const text = await reader.reads(asked.conversationId);
      expect(text).to.equal(teller.text(TITLE));
      expect(tap.faults).to.deep.equal([]);
      expect(tap.text).to.equal(text);
    }
    const told = (title: string) => teller.text(title);
    expect(await stored(cluster, [asked])).to.deep.equal(completed([asked], 1, told));
    await nothingLeft(cluster);
  });
});
