import { LiveAnswer } from '../../../lab/models/live-answer.js';
import { type Cluster, startCluster } from '../../../lab/nodes/cluster.js';
import type { Account } from '../../../lab/people/rest.js';

describe('An answer that ends while its owner is cut off from Redis', () => {
  let cluster: Cluster;
  let ada: Account;

  before(async () => {
    cluster = await startCluster({ breakable: [0], env: { LEASE_SECONDS: '3' } });
    ada = await cluster.account('ada');
  });
  after(() => cluster?.stop());

  it('ends for the readers at other nodes too, when the owner dies before it is back', async () => {
    const answer = await LiveAnswer.begin(cluster, ada);
    const owner = cluster.node(0);
    owner.ways.redis.cut();
    await owner.process.waitForLog(({ msg }) => msg === 'redis away');
    const text = answer.model.end();
    await owner.process.waitForLog(({ msg }) => msg === 'answer ended');
    await owner.kill();
    owner.ways.redis.heal();
    await owner.start();
    await answer.expectEnd(text);
    answer.close();
  });
});
