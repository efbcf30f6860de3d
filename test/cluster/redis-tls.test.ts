import { once } from 'node:events';
import { expect } from 'chai';
import { type Cluster, startCluster } from '../../lab/nodes/cluster.js';
import { callRest } from '../../lab/people/rest.js';
import { type Certificates, makeCertificates } from '../../lab/stores/certificates.js';
import { startTlsRedis, type TestRedis } from '../../lab/stores/redis.js';
import { startRedisCluster } from '../../lab/stores/redis-cluster.js';

const FIRST = ['Grüße ', '你好 '];
const SECOND = ['👩‍🚀 ', 'end.'];

async function startTlsCluster(certificates: Certificates): Promise<TestRedis> {
  const { url, masters, stop } = await startRedisCluster(3, certificates);
  const [first] = masters;
  if (!first) throw new Error('no master');
  return { ...first, url, stop };
}

/** The certificate is valid only for `localhost`, so every connection must use that name. */
describe('Two nodes whose Redis speaks TLS alone are one gateway', () => {
  let certificates: Certificates;
  let cluster: Cluster;

  before(async () => {
    certificates = await makeCertificates('DNS:localhost');
  });
  after(() => certificates?.remove());
  afterEach(() => cluster?.stop());

  for (const [name, startServers] of [
    ['one server', startTlsRedis],
    ['a Cluster of three masters', startTlsCluster],
  ] as const) {
    it(`on ${name}, with its authority in NODE_EXTRA_CA_CERTS`, async () => {
      cluster = await startCluster({
        nodes: 2,
        redis: await startServers(certificates),
        env: { NODE_EXTRA_CA_CERTS: certificates.authority },
      });
      const ada = await cluster.account('ada');
      const [here, there] = [await cluster.device(0, ada), await cluster.device(1, ada)];
      const held = cluster.upstream.next();
      const sent = await here.ask('message:send', { client_id: 'c-1', content: 'go' });
      const [id, conversation_id] = [sent.assistant_message.id, sent.conversation.id];
      await there.ask('conversation:open', { conversation_id });
      held.write(...FIRST);
      await there.until('message:delta', ({ text }) => text.endsWith('你好 '));
      held.write(...SECOND);
      held.finish();
      await there.ended(id);
      expect(there.text(id)).to.equal([...FIRST, ...SECOND].join(''));
      // Lists of devices follow through the Socket.IO adapter.
      await there.until('conversation:created');
      const closed = once(there.socket as never, 'disconnect');
      await callRest(`${cluster.node(0).url}/auth/logout`, {
        body: { refresh_token: ada.refreshToken },
      });
      await closed;
      for (const { url } of cluster.nodes) {
        expect((await fetch(`${url}/health/ready`)).status).to.equal(200);
      }
    });
  }
});
