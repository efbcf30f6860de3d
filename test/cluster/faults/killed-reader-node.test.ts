import { expect } from 'chai';
import { type Asked, ask, nothingLeft, stored } from '../../support/asked.js';
import { type Cluster, PRODUCT_TIMES, startCluster } from '../../support/cluster.js';
import { eventually } from '../../support/eventually.js';
import { Reader } from '../../support/reader.js';
import type { Account } from '../../support/rest.js';
import { Storyteller } from '../../support/storyteller.js';
import { Tap } from '../../support/tap.js';

const READERS = 12;
const EVERY_MS = 20;
const PIECES = 600;
const TITLE = 'story';

describe('When a node of readers is killed in the middle of an answer', () => {
  let cluster: Cluster;
  let teller: Storyteller;
  let ada: Account;
  let asked: Asked;
  let taps: { reader: Reader; tap: Tap }[];

  before(async function () {
    this.timeout(60_000);
    cluster = await startCluster({ balancer: 'nginx', env: PRODUCT_TIMES });
    teller = new Storyteller(cluster.upstream, { everyMs: EVERY_MS, pieces: () => PIECES });
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

  it('they are on another one and caught up, each delta having come once', async function () {
    this.timeout(60_000);
    for (const { reader } of taps) await reader.sees(asked.conversationId, ({ seq }) => seq > 5);
    // The owner is left.
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
    }
    const text = teller.text(TITLE);
    for (const { reader, tap } of taps) {
      expect(await reader.reads(asked.conversationId, 20_000)).to.equal(text);
      expect(tap.faults).to.deep.equal([]);
      expect(tap.text).to.equal(text);
    }
    expect(await stored(cluster, [asked])).to.deep.equal([
      { id: asked.id, status: 'completed', attempt: 1, content: text },
    ]);
    await nothingLeft(cluster);
  });
});
