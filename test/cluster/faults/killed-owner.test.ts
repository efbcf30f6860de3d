import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { type Asked, ask, completed, nothingLeft, stored } from '../../../lab/models/asked.js';
import { Storyteller } from '../../../lab/models/storyteller.js';
import { type Cluster, PRODUCT_TIMES, startCluster } from '../../../lab/nodes/cluster.js';
import type { Device } from '../../../lab/people/device.js';
import { Reader } from '../../../lab/people/reader.js';
import type { Account } from '../../../lab/people/rest.js';

const TITLES = ['first', 'second', 'third'];
const EVERY_MS = 50;
/** Three leases of 5 s. */
const TAKEN_OVER_MS = 15_000;

describe('When the owner of answers is killed in the middle of them', () => {
  let cluster: Cluster;
  let teller: Storyteller;
  let ada: Account;
  let devices: Device[];
  let readers: Reader[];
  let asked: Asked[];

  before(async () => {
    cluster = await startCluster({ balancer: 'haproxy', env: PRODUCT_TIMES });
    teller = new Storyteller(cluster.upstream, {
      everyMs: EVERY_MS,
      pieces: () => Number.POSITIVE_INFINITY,
    });
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

  /** Everybody reads all answers, from their middle on. */
  const follow = async () => {
    for (const { conversationId } of asked) {
      for (const device of devices) {
        await device.ask('conversation:open', { conversation_id: conversationId });
      }
      for (const reader of readers) await reader.sees(conversationId, ({ seq }) => seq > 5);
    }
  };

  /** Everything that a reader shows of an answer, complete or not. */
  const shownBy = (reader: Reader, { conversationId }: Asked) => {
    const shown: string[] = [];
    reader.client.open(conversationId).subscribe(({ messages }) => {
      const last = messages.at(-1);
      if (last?.role === 'assistant') shown.push(last.content);
    });
    return shown;
  };

  /** Milliseconds from the kill to the first sign of the next attempt, by observer. */
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
          ),
        ),
      ]),
    );
  };

  const deviceHas = async (device: Device, { id }: Asked, text: string) => {
    expect(await device.ended(id)).to.include({ status: 'completed', attempt: 2 });
    expect(device.text(id, 2)).to.equal(text);
    const deltas = device.all('message:delta').filter((d) => d.message_id === id);
    const attempts = deltas.map(({ attempt }) => attempt);
    expect(attempts, 'attempts in their order').to.deep.equal(attempts.toSorted());
  };

  it('others begin them anew when the leases are over, and everybody has that one text', async () => {
    const shown = new Map(
      asked.map((answer) => [answer, readers.map((reader) => shownBy(reader, answer))]),
    );
    await follow();
    const since = performance.now();
    await cluster.node(0).kill();
    for (const ms of await takeovers(since)) expect(ms).to.be.below(TAKEN_OVER_MS);
    for (const { conversationId } of asked) {
      await readers[0]?.sees(conversationId, ({ attempt, seq }) => attempt === 2 && seq > 20);
    }
    teller.end();
    for (const answer of asked) {
      const [first, text] = [1, 2].map((telling) => teller.text(answer.title, telling));
      for (const device of devices) await deviceHas(device, answer, text ?? '');
      for (const reader of readers) {
        expect(await reader.reads(answer.conversationId)).to.equal(text);
      }
      const isMixed = (content: string) =>
        !first?.startsWith(content) && !text?.startsWith(content);
      expect(shown.get(answer)?.flat().filter(isMixed), 'mixed texts').to.deep.equal([]);
    }
    const second = (title: string) => teller.text(title, 2);
    expect(await stored(cluster, asked)).to.deep.equal(completed(asked, 2, second));
    expect(TITLES.map((title) => teller.tellings(title))).to.deep.equal([2, 2, 2]);
    await nothingLeft(cluster);
  });
});
