import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { type Asked, ask, completed, nothingLeft, stored } from '../../../lab/models/asked.js';
import { Storyteller } from '../../../lab/models/storyteller.js';
import { type Cluster, PRODUCT_TIMES, startCluster } from '../../../lab/nodes/cluster.js';
import type { Device } from '../../../lab/people/device.js';
import { Reader } from '../../../lab/people/reader.js';
import type { Account } from '../../../lab/people/rest.js';

const FROZEN_MS = 15_000;
const EVERY_MS = 100;
/** The first telling of `short` ends after this part of the freeze. */
const ENDS_AFTER_MS = 2_000;
/**
 * While the owner is frozen, the model sends the rest of `short`, and the end of `quiet`, which lacks nothing else.
 * `long` continues after that.
 */
const PIECES: Record<string, number> = { quiet: 40, short: 60, long: 240 };
const SILENCE: Record<string, number> = { quiet: 120 };

describe('When the owner of answers is frozen for 15 seconds and then goes on', () => {
  let cluster: Cluster;
  let teller: Storyteller;
  let ada: Account;
  let asked: Asked[];
  /** Devices on the frozen node, and on the two others. */
  let own: Device;
  let others: Device[];
  let readers: Reader[];

  before(async () => {
    cluster = await startCluster({ balancer: 'haproxy', env: PRODUCT_TIMES });
    teller = new Storyteller(cluster.upstream, {
      everyMs: EVERY_MS,
      // However long it takes until all read it, `short` still runs then.
      pieces: (title) =>
        title === 'short' && teller.tellings(title) === 0 ? Infinity : (PIECES[title] ?? 0),
      silence: (title) => SILENCE[title] ?? 0,
    });
    ada = await cluster.account('ada');
    own = await cluster.device(0, ada);
    others = await Promise.all([1, 2].map((node) => cluster.device(node, ada)));
    readers = [cluster.node(0).url, cluster.node(1).url, cluster.url].map(
      (url) => new Reader(url, ada),
    );
  });
  after(async () => {
    for (const reader of readers ?? []) reader.close();
    await cluster?.stop();
  });

  const deltasOf = (device: Device, { id }: Asked, attempt: number, from = 0) =>
    device.received.slice(from).flatMap(({ name, payload }) => {
      const fits = name === 'message:delta' && payload.message_id === id;
      return fits && payload.attempt === attempt ? [payload] : [];
    });

  const read = async ({ id, conversationId }: Asked) => {
    for (const device of others) {
      await device.ask('conversation:open', { conversation_id: conversationId });
      await device.until('message:delta', ({ message_id }) => message_id === id);
    }
    for (const reader of readers) await reader.sees(conversationId, ({ seq }) => seq > 0);
  };

  /** Everybody reads all answers, and has everything so far of `quiet`. */
  const begin = async () => {
    asked = await Promise.all(Object.keys(PIECES).map((title) => ask(own, title)));
    await Promise.all(asked.map(read));
    const quiet = asked.find(({ title }) => title === 'quiet')?.conversationId ?? 0;
    const isWhole = ({ content }: { content: string }) => content === teller.text('quiet', 1);
    for (const reader of readers) await reader.sees(quiet, isWhole);
  };

  /** The last delta of the first attempt that its log accepted. */
  const appended = (answer: Asked) =>
    Math.max(...others.map((device) => deltasOf(device, answer, 1).at(-1)?.seq ?? 0));

  /** Resolves when the thawed node has dropped its attempts. */
  const dropped = () => {
    const { logs } = cluster.node(0).process;
    const isDropped = ({ id }: Asked) =>
      logs.some(({ msg, messageId }) => msg === 'lease lost, attempt dropped' && messageId === id);
    const held = () => asked.filter((answer) => !isDropped(answer)).map(({ title }) => title);
    return eventually(held, (titles) => titles.length === 0);
  };

  const have = async (answer: Asked, text: string) => {
    for (const device of [own, ...others]) {
      expect(await device.ended(answer.id)).to.include({ status: 'completed', attempt: 2 });
      expect(device.text(answer.id, 2)).to.equal(text);
    }
    for (const reader of readers) {
      expect(await reader.reads(answer.conversationId, 30_000)).to.equal(text);
    }
  };

  it('nothing of it reaches anybody or Postgres: the attempt of the other node counts', async function () {
    this.timeout(90_000);
    await begin();
    await cluster.node(0).kill('SIGSTOP');
    // The duration of the fault, not a wait for something.
    await sleep(ENDS_AFTER_MS);
    teller.end();
    await sleep(FROZEN_MS - ENDS_AFTER_MS);
    const last = new Map(asked.map((answer) => [answer, appended(answer)]));
    const counts = new Map([own, ...others].map((device) => [device, device.received.length]));
    await cluster.node(0).kill('SIGCONT');
    await dropped();
    for (const { attempt, content } of await stored(cluster, asked)) {
      expect(attempt).to.equal(2);
      expect(content).to.not.contain('/1·');
    }
    const second = (title: string) => teller.text(title, 2);
    for (const answer of asked) await have(answer, second(answer.title));
    for (const [answer, seq] of last) {
      for (const [device, count] of counts) {
        // One delta may have been on its way to the owner's readers when it froze: the log had accepted it.
        const isLate = (delta: { seq: number }) => device !== own || delta.seq > seq;
        expect(deltasOf(device, answer, 1, count).filter(isLate), answer.title).to.deep.equal([]);
      }
    }
    expect(await stored(cluster, asked)).to.deep.equal(completed(asked, 2, second));
    expect(asked.map(({ title }) => teller.tellings(title))).to.deep.equal([2, 2, 2]);
    await nothingLeft(cluster);
  });
});
