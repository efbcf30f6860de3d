import { expect } from 'chai';
import { type Asked, ask, nothingLeft, stored } from '../../support/asked.js';
import { type Cluster, PRODUCT_TIMES, startCluster } from '../../support/cluster.js';
import type { Device } from '../../support/device.js';
import { eventually } from '../../support/eventually.js';
import { Reader } from '../../support/reader.js';
import type { Account } from '../../support/rest.js';
import { Storyteller } from '../../support/storyteller.js';

const TITLES = ['first', 'second', 'third'];
const EVERY_MS = 50;
const PIECES = 60;
const TAKEN_OVER_MS = 8_000;

describe('When the owner of answers is killed in the middle of them', () => {
  let cluster: Cluster;
  let teller: Storyteller;
  let ada: Account;
  let devices: Device[];
  let readers: Reader[];
  let asked: Asked[];

  before(async function () {
    this.timeout(60_000);
    cluster = await startCluster({ balancer: 'haproxy', env: PRODUCT_TIMES });
    teller = new Storyteller(cluster.upstream, { everyMs: EVERY_MS, pieces: () => PIECES });
    ada = await cluster.account('ada');
    const asker = await cluster.device(0, ada);
    asked = await Promise.all(TITLES.map((title) => ask(asker, title)));
    devices = await Promise.all([1, 2].map((node) => cluster.device(node, ada)));
    readers = [1, 2].map((node) => new Reader(cluster.node(node).url, ada));
    readers.push(new Reader(cluster.url, ada));
  });
  after(async () => {
    for (const reader of readers ?? []) reader.close();
    await cluster?.stop();
  });

  /** Everybody reads all answers, in their middle. */
  const follow = async () => {
    for (const { conversationId } of asked) {
      for (const device of devices) {
        await device.ask('conversation:open', { conversation_id: conversationId });
      }
      for (const reader of readers) await reader.sees(conversationId, ({ seq }) => seq > 5);
    }
  };

  /** Milliseconds from the kill to the first sign of the next attempt, by who saw it. */
  const takeovers = (since: number) => {
    const at = async (sign: Promise<unknown>) => {
      await sign;
      return Math.round(performance.now() - since);
    };
    return Promise.all(
      asked.flatMap(({ id, title }) => [
        ...devices.flatMap((device) => [
          at(device.until('message:status', (s) => s.message_id === id && s.attempt === 2)),
          at(device.until('message:delta', (d) => d.message_id === id && d.attempt === 2)),
        ]),
        at(
          eventually(
            () => teller.tellings(title),
            (count) => count === 2,
            20_000,
          ),
        ),
      ]),
    );
  };

  it('others begin them anew within 8 seconds, and everybody has that one text', async function () {
    this.timeout(60_000);
    await follow();
    const since = performance.now();
    await cluster.node(0).kill();
    for (const ms of await takeovers(since)) expect(ms).to.be.below(TAKEN_OVER_MS);
    for (const { title, id, conversationId } of asked) {
      const text = teller.text(title, 2);
      for (const device of devices) {
        expect(await device.ended(id)).to.include({ status: 'completed', attempt: 2 });
        expect(device.text(id, 2)).to.equal(text);
        const attempts = device
          .all('message:delta')
          .filter((d) => d.message_id === id)
          .map((d) => d.attempt);
        expect(attempts, 'deltas of the first attempt come before the second').to.deep.equal(
          attempts.toSorted(),
        );
      }
      for (const reader of readers) expect(await reader.reads(conversationId)).to.equal(text);
    }
    expect(await stored(cluster, asked)).to.deep.equal(
      asked.map(({ id, title }) => ({
        id,
        status: 'completed',
        attempt: 2,
        content: teller.text(title, 2),
      })),
    );
    expect(TITLES.map((title) => teller.tellings(title))).to.deep.equal([2, 2, 2]);
    await nothingLeft(cluster);
  });
});
