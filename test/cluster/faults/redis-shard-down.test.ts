import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { LiveAnswer } from '../../../lab/models/live-answer.js';
import { watchPauses } from '../../../lab/models/pauses.js';
import { type Cluster, startCluster } from '../../../lab/nodes/cluster.js';
import { watchNodes } from '../../../lab/nodes/node-watch.js';
import { ReadinessWatch, untilAll } from '../../../lab/nodes/readiness.js';
import type { Account } from '../../../lab/people/rest.js';

const LEASE_SECONDS = 10;
/** Longer than a lease. */
const DOWN_MS = 12_000;
const SLOTS_EACH = 5_462;

describe('Three nodes that lose one master of their Redis Cluster', function () {
  this.timeout(120_000);
  let cluster: Cluster;
  let ada: Account;
  const answers: LiveAnswer[] = [];

  before(async () => {
    cluster = await startCluster({
      redisCluster: true,
      env: { LEASE_SECONDS: String(LEASE_SECONDS) },
    });
    ada = await cluster.account('ada');
  });
  after(() => cluster?.stop());
  afterEach(() => {
    for (const answer of answers.splice(0)) answer.close();
  });
  const watch = watchNodes(() => cluster);

  const masters = () => cluster.redisCluster.masters;

  /** A new conversation whose events and logs are on that master. */
  const conversationOn = async (master: number): Promise<number> => {
    const device = await cluster.device(0, ada);
    const admin = new Redis(masters()[0]?.port ?? 0);
    for (;;) {
      const { conversation } = await device.ask('conversation:create', {});
      const slot = Number(await admin.cluster('KEYSLOT', String(conversation.id)));
      if (Math.floor(slot / SLOTS_EACH) !== master) continue;
      admin.disconnect();
      return conversation.id;
    }
  };

  const begin = async (master: number) => {
    const conversationId = await conversationOn(master);
    const answer = await LiveAnswer.begin(cluster, ada, { conversationId });
    answers.push(answer);
    return answer;
  };

  /** The longest pause for a reader at a node that does not write the answer. */
  const pausesElsewhere = async ({ id, conversationId }: LiveAnswer) => {
    const device = await cluster.device(1, ada);
    await device.ask('conversation:open', { conversation_id: conversationId });
    return watchPauses(device, id);
  };

  it('serve on: the other conversations feel nothing, its own are whole after it', async () => {
    const lost = await begin(0);
    const kept = [await begin(1), await begin(2)];
    const pauses = await Promise.all(kept.map(pausesElsewhere));
    const readiness = new ReadinessWatch(cluster.nodes);
    await masters()[0]?.kill();
    await sleep(DOWN_MS);
    await untilAll(cluster.nodes, 'degraded');
    for (const answer of [lost, ...kept]) await answer.goesOn();
    lost.expectNoPause(DOWN_MS);
    for (const [i, answer] of kept.entries()) answer.expectNoPause(DOWN_MS, pauses[i]);
    // The look goes on until Redis is back: a node that hears three seconds later than the others must then report it.
    expect(await readiness.end()).to.not.include('unready');
    await masters()[0]?.start();
    expect(await untilAll(cluster.nodes, 'ready')).to.be.below(20_000);
    const { word } = lost.model;
    await lost.isSeen(({ content }) => content.includes(word));
    for (const answer of [lost, ...kept]) await answer.expectEnd(answer.model.end());
    for (const node of [0, 1, 2]) {
      await watch(node).logs('redis away');
      await watch(node).logs('redis back');
    }
  });
});
