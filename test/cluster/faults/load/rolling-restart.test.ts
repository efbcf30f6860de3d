import { expect } from 'chai';
import { eventually } from '../../../../lab/eventually.js';
import { nothingLeft } from '../../../../lab/models/asked.js';
import { Storyteller } from '../../../../lab/models/storyteller.js';
import { type Cluster, PRODUCT_TIMES, startCluster } from '../../../../lab/nodes/cluster.js';
import { Reader } from '../../../../lab/people/reader.js';

const USERS = 20;
/**
 * Answers that last until the last node is back: those of each user, and those asked when the first and second node
 * begin to drain.
 */
const BEFORE = 2 * USERS;
const DURING = USERS / 2;
const LIVE = BEFORE + 2 * DURING;
/** Answers that are asked for when each node begins to drain, and end before they must be handed back. */
const BRIEF = 5;
const EVERY_MS = 250;

interface Question {
  title: string;
  asker: number;
  conversationId: Promise<number>;
}

describe('A rolling restart of three nodes', () => {
  let cluster: Cluster;
  let teller: Storyteller;
  /** Two devices of every user. */
  let phones: Reader[];
  let laptops: Reader[];
  const questions: Question[] = [];

  before(async () => {
    cluster = await startCluster({
      balancer: 'haproxy',
      // No try is left if a hand-back counts as one.
      env: {
        ...PRODUCT_TIMES,
        GENERATION_TRIES: '1',
        DRAIN_SECONDS: '5',
        REGISTER_PER_MINUTE: '1000',
      },
    });
    teller = new Storyteller(cluster.upstream, {
      everyMs: EVERY_MS,
      pieces: (title) => (title.startsWith('brief') ? 4 : Number.POSITIVE_INFINITY),
    });
    const names = Array.from({ length: USERS }, (_, n) => `user${n}`);
    const users = await Promise.all(names.map((name) => cluster.account(name)));
    phones = users.map((user) => new Reader(cluster.url, user));
    laptops = users.map((user) => new Reader(cluster.url, user));
  });
  after(async () => {
    for (const reader of [...(phones ?? []), ...(laptops ?? [])]) reader.close();
    await cluster?.stop();
  });

  const devicesOf = ({ asker }: Question) =>
    [phones[asker], laptops[asker]].filter((reader) => reader !== undefined);

  /** Asks from the phone, whatever happens to nodes meanwhile, and reads on both devices. */
  const ask = (kind: string, asker: number) => {
    const title = `${kind}-${questions.length}`;
    const sent = phones[asker]?.client.send({ content: title });
    const conversationId = Promise.resolve(sent).then((data) => data?.conversation.id ?? 0);
    const question = { title, asker, conversationId };
    questions.push(question);
    void conversationId.then((id) => {
      for (const { client } of devicesOf(question)) client.open(id);
    });
  };

  const askMany = (kind: string, count: number) => {
    for (let n = 0; n < count; n++) ask(kind, questions.length % USERS);
  };

  /** Resolves when this many endless stories are being told at once. */
  const areLive = (count: number) =>
    eventually(
      () => [teller.open, questions.map(({ title }) => teller.tellings(title))],
      ([open]) => open === count,
      40_000,
    );

  const restart = async (index: number, endless: number) => {
    const node = cluster.node(index);
    const stopped = node.stop();
    askMany('story', endless);
    askMany('brief', BRIEF);
    expect(await stopped).to.equal(0);
    await node.start();
    expect((await fetch(`${node.url}/health/ready`)).status).to.equal(200);
  };

  const rows = () =>
    cluster.rows(
      `SELECT q.content AS title, a.status, a.attempt, a.content
       FROM messages q JOIN messages a ON a.parent_id = q.id WHERE q.role = 'user'`,
    );

  it(`fails, interrupts or changes none of ${LIVE} live answers, nor those asked meanwhile`, async function () {
    this.timeout(240_000);
    askMany('story', BEFORE);
    await areLive(BEFORE);
    await restart(0, DURING);
    await areLive(BEFORE + DURING);
    await restart(1, DURING);
    await areLive(LIVE);
    await restart(2, 0);
    await areLive(LIVE);
    teller.end();
    for (const question of questions) {
      const conversationId = await question.conversationId;
      for (const reader of devicesOf(question)) {
        const text = await reader.reads(conversationId, 20_000);
        expect(text, question.title).to.equal(teller.text(question.title));
      }
    }
    await nothingLeft(cluster);
    const all = await rows();
    expect(all.map(({ title }) => title)).to.have.members(questions.map(({ title }) => title));
    for (const { title, status, content } of all) {
      expect(status, title).to.equal('completed');
      expect(content, title).to.equal(teller.text(title));
    }
  });
});
