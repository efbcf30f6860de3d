import { expect } from 'chai';
import { type Asked, ask, completed, nothingLeft, stored } from '../../../../lab/models/asked.js';
import { Storyteller } from '../../../../lab/models/storyteller.js';
import { type Cluster, PRODUCT_TIMES, startCluster } from '../../../../lab/nodes/cluster.js';
import { Nomad } from '../../../../lab/people/nomad.js';

const CONVERSATIONS = 25;
const READERS_OF_EACH = 8;
const CLIENTS = CONVERSATIONS * READERS_OF_EACH;
const FOR_MS = 60_000;
const EVERY_MS = 250;
/** Seed of the drops. What happens between them depends on the machine. */
const SEED = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000);

describe(`${CLIENTS} clients that drop and reconnect at random (TEST_SEED=${SEED})`, () => {
  let cluster: Cluster;
  let teller: Storyteller;
  let asked: Asked[];
  let nomads: { nomad: Nomad; answer: Asked }[];

  before(async () => {
    cluster = await startCluster({ env: { ...PRODUCT_TIMES, LIMIT_SCALE: '0' } });
    teller = new Storyteller(cluster.upstream, {
      everyMs: EVERY_MS,
      pieces: () => Number.POSITIVE_INFINITY,
    });
    const all = Array.from({ length: CONVERSATIONS }, (_, n) => gather(n));
    nomads = (await Promise.all(all)).flat();
    asked = [...new Set(nomads.map(({ answer }) => answer))];
  });
  after(async () => {
    await Promise.all((nomads ?? []).map(({ nomad }) => nomad.stop()));
    await cluster?.stop();
  });

  /** A user with an answer, and its readers. */
  const gather = async (n: number) => {
    const ports = cluster.nodes.map(({ port }) => port);
    const account = await cluster.account(`user${n}`);
    const answer = await ask(await cluster.device(n % ports.length, account), `story-${n}`);
    const seeds = Array.from({ length: READERS_OF_EACH }, (_, i) => SEED + n * READERS_OF_EACH + i);
    return Promise.all(
      seeds.map(async (seed) => ({ answer, nomad: await Nomad.create(ports, account, seed) })),
    );
  };

  it('all end with the exact text, and none shows another one on the way', async function () {
    this.timeout(FOR_MS + 60_000);
    for (const { nomad, answer } of nomads) nomad.follow(answer.conversationId);
    await Promise.all(nomads.map(({ nomad }) => nomad.wander(FOR_MS)));
    expect(Math.min(...nomads.map(({ nomad }) => nomad.drops))).to.be.greaterThan(1);
    teller.end();
    for (const { nomad, answer } of nomads) {
      const text = await nomad.reader.reads(answer.conversationId, 30_000);
      expect(text, answer.title).to.equal(teller.text(answer.title));
      expect(nomad.faults, answer.title).to.deep.equal([]);
    }
    const told = (title: string) => teller.text(title);
    expect(await stored(cluster, asked)).to.deep.equal(completed(asked, 1, told));
    await nothingLeft(cluster);
  });
});
