import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { LiveAnswer } from '../../../lab/models/live-answer.js';
import { type Cluster, startCluster } from '../../../lab/nodes/cluster.js';
import { watchNodes } from '../../../lab/nodes/node-watch.js';
import { untilAll } from '../../../lab/nodes/readiness.js';
import { type Account, callRest } from '../../../lab/people/rest.js';
import type { Problem } from '../../../src/contract/errors.js';
import type { Ack } from '../../../src/contract/events.js';

/** Longer than a lease: every lease has expired when Postgres is back. */
const RESTART_MS = 6_000;
const FROZEN_MS = 8_000;
/** The documented limit while nothing responds. */
const REFUSED_WITHIN_MS = 10_000;
const SOON_MS = 20_000;
const ALL = [0, 1, 2];

describe('Three nodes whose Postgres fails in mid-answer', function () {
  this.timeout(120_000);
  let cluster: Cluster;
  let ada: Account;
  let serial = 0;
  const answers: LiveAnswer[] = [];

  before(async () => {
    // A busy machine must not add an outage of Redis, because writing a log again needs Postgres.
    const env = { LEASE_SECONDS: '5', REDIS_COMMAND_TIMEOUT_MS: '5000' };
    cluster = await startCluster({ ownPostgres: true, env });
  });
  after(() => cluster?.stop());
  beforeEach(async () => {
    serial += 1;
    ada = await cluster.account(`ada${serial}`);
    cluster.upstream.requests.length = 0;
  });
  afterEach(() => {
    for (const answer of answers.splice(0)) answer.close();
  });
  const watch = watchNodes(() => cluster);

  const begin = async (at: number) => {
    const answer = await LiveAnswer.begin(cluster, ada, { at });
    answers.push(answer);
    return answer;
  };

  it('because it restarts: what ends meanwhile is stored after it, what goes on is no second time begun', async () => {
    const [ending, lasting] = [await begin(0), await begin(1)];
    await cluster.postgres.stop();
    const text = ending.model.end();
    await ending.isSeen(({ content }) => content === text);
    await sleep(RESTART_MS);
    await lasting.goesOn();
    lasting.expectNoPause(RESTART_MS);
    expect(ending.device.all('message:completed')).to.deep.equal([]);
    await cluster.postgres.start();
    await ending.expectEnd(text);
    expect(await untilAll(cluster.nodes, 'ready')).to.be.below(SOON_MS);
    await lasting.expectEnd(lasting.model.end());
    expect(cluster.upstream.requests.length).to.equal(2);
    await watch(0).logs('database away, will try again');
    for (const node of ALL) await watch(node).logs('lease renewal failed');
  });

  it('because it freezes: they are not ready, refuse in time, write on, and lose nothing', async () => {
    const [ending, lasting] = [await begin(0), await begin(1)];
    const device = await cluster.device(2, ada);
    const send = { client_id: randomUUID(), content: 'anybody?' };
    await cluster.postgres.freeze();
    const outage = sleep(FROZEN_MS);
    const refused = Promise.all([
      refusal(async () => codeOf(await device.emit('message:send', send))),
      refusal(async () => codeOf(await device.emit('conversation:list', {}))),
      ...cluster.nodes.map(({ url }) => refusal(() => login(url))),
      ...cluster.nodes.map(({ url }) => refusal(() => list(url))),
    ]);
    const text = ending.model.end();
    expect(await untilAll(cluster.nodes, 'unready')).to.be.below(SOON_MS);
    for (const { code, ms } of await refused) {
      expect(code).to.equal('unavailable');
      expect(ms).to.be.below(REFUSED_WITHIN_MS + lasting.model.longestPause);
    }
    await lasting.goesOn();
    lasting.expectNoPause(FROZEN_MS);
    await outage;
    cluster.postgres.thaw();
    expect(await untilAll(cluster.nodes, 'ready')).to.be.below(SOON_MS);
    await ending.expectEnd(text);
    await lasting.expectEnd(lasting.model.end());
    expect(cluster.upstream.requests.length).to.equal(2);
    const again = await device.ask('message:send', send);
    await device.ended(again.assistant_message.id);
    const stored = await cluster.rows(`SELECT id::int FROM messages WHERE content = 'anybody?'`);
    expect(stored).to.deep.equal([{ id: again.user_message.id }]);
    for (const node of ALL) await watch(node).logs('claim failed');
  });

  const codeOf = (ack: Ack<unknown>) => (ack.ok ? 'ok' : ack.error.code);

  const login = async (url: string) => {
    const body = { email: ada.email, password: ada.password };
    return (await callRest<Problem>(`${url}/auth/login`, { body })).body.code;
  };

  const list = async (url: string) => {
    const { token } = ada;
    return (await callRest<Problem>(`${url}/agent/conversations`, { token })).body.code;
  };

  /** The refusal of a request, and the time that it took. */
  const refusal = async (request: () => Promise<string>) => {
    const from = performance.now();
    return { code: await request(), ms: performance.now() - from };
  };
});
