import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { type Asked, ask, nothingLeft, stored } from '../../../lab/models/asked.js';
import { Storyteller } from '../../../lab/models/storyteller.js';
import { type Cluster, PRODUCT_TIMES, startCluster } from '../../../lab/nodes/cluster.js';
import type { Device } from '../../../lab/people/device.js';
import { Reader } from '../../../lab/people/reader.js';
import type { Account } from '../../../lab/people/rest.js';

const TIMES = 10;
const LEASE_SECONDS = 30;
/** The owner renews after a third of its lease, and would find a stop that it was not told. */
const RENEWAL_MS = (LEASE_SECONDS * 1_000) / 3;
const EVERY_MS = 20;
const ENDLESS = 5_000;
const [PRESSER, OWNER, WATCHER] = [0, 1, 2];

describe('A stop, pressed on one node, of an answer that another writes and a third one shows', () => {
  let cluster: Cluster;
  let ada: Account;
  let devices: Device[];
  let readers: Reader[];
  let serial = 0;

  before(async () => {
    cluster = await startCluster({
      breakable: [0, 1, 2],
      env: { ...PRODUCT_TIMES, LEASE_SECONDS: String(LEASE_SECONDS) },
    });
    new Storyteller(cluster.upstream, { everyMs: EVERY_MS, pieces: () => ENDLESS });
    ada = await cluster.account('ada');
    devices = await Promise.all([PRESSER, OWNER, WATCHER].map((node) => cluster.device(node, ada)));
    readers = cluster.nodes.map(({ url }) => new Reader(url, ada));
  });
  after(async () => {
    for (const reader of readers ?? []) reader.close();
    await cluster?.stop();
  });

  const device = (index: number) => {
    const found = devices[index];
    if (!found) throw new Error(`no device ${index}`);
    return found;
  };

  /** Everybody reads an answer of the owner. */
  const running = async (): Promise<Asked> => {
    serial += 1;
    const asked = await ask(device(OWNER), `story-${serial}`);
    for (const each of devices) {
      await each.ask('conversation:open', { conversation_id: asked.conversationId });
      await each.until('message:delta', ({ message_id }) => message_id === asked.id);
    }
    for (const reader of readers) await reader.sees(asked.conversationId, ({ seq }) => seq > 5);
    return asked;
  };

  const press = ({ id }: Asked) => device(PRESSER).ask('generation:stop', { message_id: id });

  const text = async (asked: Asked) => {
    const [row] = await stored(cluster, [asked]);
    expect(row).to.include({ status: 'stopped', attempt: 1 });
    return row?.content;
  };

  /** Everybody shows this in the end. */
  const allShow = async (asked: Asked, content: string) => {
    for (const reader of readers) {
      const shown = await reader.sees(asked.conversationId, ({ status }) => status === 'stopped');
      expect(shown.content).to.equal(content);
    }
  };

  it('ends it everywhere by the notice, not by the next renewal, with the same text', async () => {
    for (let time = 0; time < TIMES; time++) {
      const asked = await running();
      const pressed = performance.now();
      const reply = press(asked);
      const ends = await Promise.all(
        devices.map(async (each) => {
          const end = await each.ended(asked.id);
          expect(performance.now() - pressed).to.be.below(RENEWAL_MS / 2);
          return end;
        }),
      );
      expect(await reply).to.deep.equal({ status: 'stopped' });
      const content = await text(asked);
      for (const end of ends) {
        expect(end).to.include({
          status: 'stopped',
          attempt: 1,
          bytes: Buffer.byteLength(content),
        });
      }
      await allShow(asked, content);
    }
    await nothingLeft(cluster);
  });

  const isEndedAt = (index: number, { conversationId }: Asked) =>
    readers[index]?.sees(conversationId, ({ status }) => status === 'stopped');

  const allReady = async () => {
    const look = () => Promise.all(cluster.nodes.map(({ url }) => fetch(`${url}/health/ready`)));
    await eventually(look, (replies) => replies.every(({ status }) => status === 200));
  };

  describe('while Redis is away', () => {
    let asked: Asked;
    /** A stop waits two seconds for the owner. Whoever is told that the answer still runs asks again. */
    let reply: Promise<{ status: string }>;

    const stopWithout = async (nodes: number[]) => {
      asked = await running();
      for (const index of nodes) cluster.node(index).ways.redis.cut();
      reply = eventually(
        () => press(asked),
        ({ status }) => status === 'stopped',
      );
    };

    const heal = () => {
      for (const { ways } of cluster.nodes) ways.redis.heal();
    };
    afterEach(heal);

    const healed = async () => {
      heal();
      await allShow(asked, await text(asked));
      await nothingLeft(cluster);
      await allReady();
    };

    it('for its owner alone, ends it there with the next renewal and elsewhere when a reply says so', async () => {
      await stopWithout([OWNER]);
      await isEndedAt(OWNER, asked);
      expect(await reply).to.deep.equal({ status: 'stopped' });
      for (const index of [PRESSER, WATCHER]) await isEndedAt(index, asked);
      await allShow(asked, await text(asked));
      await healed();
    });

    it('for all, ends it there likewise, where it was pressed when a reply says so, elsewhere when Redis is back', async () => {
      await stopWithout([PRESSER, OWNER, WATCHER]);
      await isEndedAt(OWNER, asked);
      expect(await reply).to.deep.equal({ status: 'stopped' });
      await isEndedAt(PRESSER, asked);
      await healed();
    });
  });
});
