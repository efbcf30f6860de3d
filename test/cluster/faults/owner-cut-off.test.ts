import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { LiveAnswer } from '../../../lab/models/live-answer.js';
import { SteadyModel } from '../../../lab/models/steady-model.js';
import { type Cluster, startCluster } from '../../../lab/nodes/cluster.js';
import { watchNodes } from '../../../lab/nodes/node-watch.js';
import { readinessOf, untilAll } from '../../../lab/nodes/readiness.js';
import type { Account } from '../../../lab/people/rest.js';

const CUT_MS = 20_000;
/** Nothing takes longer than the cut itself. */
const SOON_MS = CUT_MS;

describe('When one node of three is cut off', function () {
  this.timeout(120_000);
  let cluster: Cluster;
  let ada: Account;
  let serial = 0;
  const answers: LiveAnswer[] = [];

  before(async () => {
    cluster = await startCluster({ breakable: [0], env: { LEASE_SECONDS: '5' } });
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
  const others = () => cluster.nodes.slice(1);

  const begin = async (at: number) => {
    const answer = await LiveAnswer.begin(cluster, ada, { at });
    answers.push(answer);
    return answer;
  };

  it('from Redis, its own readers feel no pause, no second attempt begins, and all are whole after it', async () => {
    const { ways } = cluster.node(0);
    const answer = await begin(0);
    ways.redis.cut();
    const [unreadyAfter] = await Promise.all([
      untilAll([cluster.node(0)], 'unready'),
      sleep(CUT_MS),
    ]);
    expect(unreadyAfter).to.be.below(SOON_MS);
    expect(await readinessOf(cluster.node(0))).to.equal('unready');
    await untilAll(others(), 'ready');
    await answer.goesOn();
    answer.expectNoPause(CUT_MS);
    ways.redis.heal();
    expect(await untilAll(cluster.nodes, 'ready')).to.be.below(SOON_MS);
    const { word } = answer.model;
    await answer.isSeen(({ content }) => content.includes(word));
    await answer.expectEnd(answer.model.end());
    expect(cluster.upstream.requests.length).to.equal(1);
    await watch(0).logs('redis away');
    await watch(0).logs('redis back');
  });

  it('from Postgres, its lease is lost: another attempt wins, and nothing of the first comes after it', async () => {
    const { ways } = cluster.node(0);
    const answer = await begin(0);
    const again = new SteadyModel(cluster.upstream);
    ways.postgres.cut();
    const unready = untilAll([cluster.node(0)], 'unready');
    const [from, outage] = [performance.now(), sleep(CUT_MS)];
    const { attempt } = await answer.device.until('message:delta', (d) => d.attempt > 1);
    expect(attempt).to.equal(2);
    expect(performance.now() - from).to.be.below(SOON_MS);
    // The fenced first attempt is dropped, so its model request is closed.
    await answer.model.closed;
    await answer.isSeen(({ content }) => again.text.startsWith(content) && content !== '');
    await outage;
    expect(await unready).to.be.below(SOON_MS);
    expect(await readinessOf(cluster.node(0))).to.equal('unready');
    await untilAll(others(), 'ready');
    ways.postgres.heal();
    expect(await untilAll(cluster.nodes, 'ready')).to.be.below(SOON_MS);
    await answer.expectEnd(again.end(), 2);
    await watch(0).logs('lease renewal failed');
    await watch(0).logs('lease lost, attempt dropped');
  });

  it('from what it hears, it is not ready, connects anew by itself, and its readers are whole', async () => {
    const { ways } = cluster.node(0);
    const answer = await begin(1);
    ways.redis.mute(({ subscribes }) => subscribes);
    expect(await untilAll([cluster.node(0)], 'unready')).to.be.below(SOON_MS);
    await untilAll(others(), 'ready');
    const now = performance.now();
    // The muted connections stay dead. New ones would work.
    ways.redis.mute(({ subscribes, since }) => subscribes && since < now);
    expect(await untilAll(cluster.nodes, 'ready')).to.be.below(SOON_MS);
    const { word } = answer.model;
    await answer.isSeen(({ content }) => content.includes(word));
    await answer.expectEnd(answer.model.end());
    await expectListsToFollow();
    await watch(0).logs('deaf: redis replies, but beats do not come back');
    ways.redis.heal();
  });

  /** Checks the connection that carries events of users. */
  async function expectListsToFollow(): Promise<void> {
    const [there, here] = [await cluster.device(0, ada), await cluster.device(1, ada)];
    const { conversation } = await here.ask('conversation:create', {});
    await there.until('conversation:created', (e) => e.conversation.id === conversation.id);
  }
});
