import { expect } from 'chai';
import { eventually } from '../../lab/eventually.js';
import { answer } from '../../lab/models/scripted-upstream.js';
import { type Cluster, startCluster } from '../../lab/nodes/cluster.js';
import type { Account } from '../../lab/people/rest.js';
import { startRedis } from '../../lab/stores/redis.js';

describe('Three nodes without Redis', () => {
  let cluster: Cluster;
  let ada: Account;

  before(async () => {
    cluster = await startCluster({ inside: true, balancer: 'haproxy' });
    ada = await cluster.account('ada');
    cluster.upstream.otherwise(answer('still here'));
  });
  after(() => cluster?.stop());

  const readiness = () =>
    Promise.all(
      cluster.nodes.map(async ({ url }) => {
        const { status } = await fetch(`${url}/health/ready`).then(
          async (response) => (await response.json()) as { status: string },
        );
        return status;
      }),
    );

  it('never stop serving, and say that they are degraded until it is back', async () => {
    await cluster.redis.stop();
    const said = new Set<string>();
    const from = performance.now();
    await eventually(
      async () => {
        for (const status of await readiness()) said.add(status);
        return performance.now() - from;
      },
      (ms) => ms > 4_000,
    );
    expect([...said]).to.not.include('unready');
    expect(await readiness()).to.deep.equal(Array(3).fill('degraded'));
    const device = await cluster.device('balancer', ada);
    const sent = await device.ask('message:send', { client_id: 'c-1', content: 'anybody?' });
    await device.ended(sent.assistant_message.id);
    expect(device.text(sent.assistant_message.id)).to.equal('still here');
    const back = await startRedis(cluster.redis.port);
    await eventually(readiness, (all) => all.every((status) => status === 'ready'));
    await back.stop();
  });
});
