import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { LiveAnswer } from '../../../lab/models/live-answer.js';
import { answer as says } from '../../../lab/models/scripted-upstream.js';
import { type Cluster, startCluster } from '../../../lab/nodes/cluster.js';
import { watchNodes } from '../../../lab/nodes/node-watch.js';
import { ReadinessWatch, untilAll } from '../../../lab/nodes/readiness.js';
import { Reader } from '../../../lab/people/reader.js';
import { type Account, callRest } from '../../../lab/people/rest.js';

const RESTART_MS = 3_000;
const LEASE_SECONDS = 10;
/** Longer than a lease. */
const FROZEN_MS = 12_000;
const ALL = [0, 1, 2];

describe('Three nodes whose Redis fails in mid-answer', function () {
  this.timeout(120_000);
  let cluster: Cluster;
  let ada: Account;
  let serial = 0;
  const answers: LiveAnswer[] = [];

  before(async () => {
    cluster = await startCluster({
      env: {
        GENERATIONS_PER_USER: '3',
        LEASE_SECONDS: String(LEASE_SECONDS),
        REDIS_COMMAND_TIMEOUT_MS: '500',
      },
    });
    cluster.upstream.otherwise(says(['from ', 'the queue']));
  });
  after(() => cluster?.stop());
  beforeEach(async () => {
    serial += 1;
    ada = await cluster.account(`ada${serial}`);
  });
  afterEach(() => {
    for (const answer of answers.splice(0)) answer.close();
  });
  const watch = watchNodes(() => cluster);

  const begin = async (at = 0) => {
    const answer = await LiveAnswer.begin(cluster, ada, { at });
    answers.push(answer);
    return answer;
  };

  /** The rest of an answer after an outage: first while it is being written, then its end. */
  const end = async (answer: LiveAnswer) => {
    const { word } = answer.model;
    await answer.isSeen(({ content }) => content.includes(word));
    const text = answer.model.end();
    await answer.expectEnd(text);
  };

  it('because it restarts: readers at the writer feel no pause, all others are whole after it', async () => {
    const answer = await begin();
    await cluster.redis.kill();
    await sleep(RESTART_MS);
    await cluster.redis.start();
    await untilAll(cluster.nodes, 'ready');
    await answer.goesOn();
    answer.expectNoPause(RESTART_MS);
    await end(answer);
    for (const node of ALL) {
      await watch(node).logs('redis away');
      await watch(node).logs('redis back');
    }
  });

  it('because it is emptied: every answer, also one that waits, ends with its text everywhere', async () => {
    const running = [await begin(0), await begin(1), await begin(2)];
    const asker = await cluster.device(1, ada);
    const waiting = await asker.ask('message:send', { client_id: randomUUID(), content: 'me too' });
    expect(waiting.assistant_message.status).to.equal('queued');
    const admin = new Redis(cluster.redis.port);
    await admin.flushall();
    admin.disconnect();
    for (const answer of running) {
      await answer.goesOn();
      // Losing a log must cost nobody an attempt, which others begin again after a lease.
      answer.expectNoPause(LEASE_SECONDS * 1_000);
      await end(answer);
    }
    for (const { url } of cluster.nodes) {
      const reader = new Reader(url, ada);
      expect(await reader.reads(waiting.conversation.id)).to.equal('from the queue');
      reader.close();
    }
    const rows = await cluster.rows(
      `SELECT m.status, m.attempt, m.content FROM messages m WHERE m.id = $1`,
      [waiting.assistant_message.id],
    );
    expect(rows).to.deep.equal([{ status: 'completed', attempt: 1, content: 'from the queue' }]);
  });

  it('because it freezes: everything works meanwhile, and they say that they are degraded', async () => {
    const answer = await begin();
    const usual = await useAllNodes(answer.conversationId);
    const readiness = new ReadinessWatch(cluster.nodes);
    process.kill(cluster.redis.pid, 'SIGSTOP');
    try {
      const [took] = await Promise.all([useAllNodes(answer.conversationId), sleep(FROZEN_MS)]);
      // None of the steps waits until Redis is back.
      expect(took).to.be.below(usual + FROZEN_MS / 2);
      await untilAll(cluster.nodes, 'degraded');
      await answer.goesOn();
      answer.expectNoPause(FROZEN_MS);
      // The look goes on until Redis is back: a node that hears three seconds later than the others must then report
      // it.
      expect(await readiness.end()).to.not.include('unready');
    } finally {
      process.kill(cluster.redis.pid, 'SIGCONT');
    }
    expect(await untilAll(cluster.nodes, 'ready')).to.be.below(20_000);
    await end(answer);
    for (const node of ALL) await watch(node).logs('redis away');
  });

  /** Login, history, and a question with its answer at each node. Resolves to the slowest in ms. */
  async function useAllNodes(conversationId: number): Promise<number> {
    let longest = 0;
    for (const node of ALL) {
      const { url } = cluster.node(node);
      const { email, password } = ada;
      const from = performance.now();
      const login = await callRest(`${url}/auth/login`, { body: { email, password } });
      const history = await callRest(`${url}/agent/conversations/${conversationId}/messages`, {
        token: ada.token,
      });
      expect([login.status, history.status]).to.deep.equal([200, 200]);
      const device = await cluster.device(node, ada);
      const sent = await device.ask('message:send', { client_id: randomUUID(), content: 'hm?' });
      await device.ended(sent.assistant_message.id);
      expect(device.text(sent.assistant_message.id)).to.equal('from the queue');
      longest = Math.max(longest, performance.now() - from);
    }
    return longest;
  }
});
