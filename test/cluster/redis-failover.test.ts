import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect } from 'chai';
import { eventually } from '../../lab/eventually.js';
import { type Cluster, startCluster } from '../../lab/nodes/cluster.js';
import { Reader } from '../../lab/people/reader.js';
import { type Account, callRest } from '../../lab/people/rest.js';
import { type Certificates, makeCertificates } from '../../lab/stores/certificates.js';
import { startRedisFailover, type TestFailover } from '../../lab/stores/redis-sentinel.js';

const FIRST = ['Grüße ', '你好 '];
const SECOND = ['👩‍🚀 ', 'x'.repeat(500)];
const THIRD = ['再见', ' end.'];
const WHOLE = [...FIRST, ...SECOND, ...THIRD].join('');

describe('Two nodes whose Redis master freezes, with Sentinels and TLS', () => {
  let certificates: Certificates;
  let servers: TestFailover;
  let cluster: Cluster;
  let ada: Account;
  let readers: Reader[] = [];

  before(async () => {
    certificates = await makeCertificates('IP:127.0.0.1');
    servers = await startRedisFailover(certificates);
    cluster = await startCluster({
      nodes: 2,
      redis: { ...servers.master, url: servers.url, stop: servers.stop },
      env: { NODE_EXTRA_CA_CERTS: certificates.authority, REDIS_COMMAND_TIMEOUT_MS: '500' },
    });
    ada = await cluster.account('ada');
    readers = cluster.nodes.map(({ url }) => new Reader(url, ada));
  });
  after(async () => {
    for (const reader of readers) reader.close();
    await cluster?.stop();
    await certificates?.remove();
  });

  const statuses = () =>
    Promise.all(
      cluster.nodes.map(async ({ url }) => {
        const response = await fetch(`${url}/health/ready`);
        return ((await response.json()) as { status: string }).status;
      }),
    );

  it('go on with its replica in mid-answer, and are one gateway again', async () => {
    const here = await cluster.device(0, ada);
    const held = cluster.upstream.next();
    const sent = await here.ask('message:send', { client_id: 'c-1', content: 'go' });
    const [id, conversation_id] = [sent.assistant_message.id, sent.conversation.id];
    held.write(...FIRST);
    for (const reader of readers) {
      await reader.sees(conversation_id, ({ content }) => content === FIRST.join(''));
    }
    // Pauses of this process are the machine's.
    const loop = monitorEventLoopDelay();
    loop.enable();
    const master = await servers.currentMaster();
    process.kill(master.pid, 'SIGSTOP');
    const frozen = performance.now();
    held.write(...SECOND);
    await here.until('message:delta', ({ text }) => text.endsWith('xx'));
    // Redis is given up long before its replica takes over, and then nobody waits for it.
    expect(performance.now() - frozen).to.be.below(5_000 + loop.max / 1e6);
    loop.disable();
    await eventually(statuses, (all) => all.every((status) => status === 'ready'));
    for (const reader of readers) {
      await reader.sees(conversation_id, ({ content }) => content.endsWith('xx'));
    }
    held.write(...THIRD);
    for (const reader of readers) {
      await reader.sees(conversation_id, ({ content }) => content === WHOLE);
    }
    held.finish();
    for (const reader of readers) expect(await reader.reads(conversation_id)).to.equal(WHOLE);
    const stored = await cluster.rows('SELECT attempt, content FROM messages WHERE id = $1', [id]);
    expect(stored).to.deep.equal([{ attempt: 1, content: WHOLE }]);
  });

  it('carry lists and logouts from node to node through the new master', async () => {
    const there = await cluster.device(1, ada);
    await eventually(
      async () => {
        await callRest(`${cluster.node(0).url}/agent/conversations`, {
          body: {},
          token: ada.token,
        });
        return there.all('conversation:created').length;
      },
      (count) => count > 0,
    );
    const closed = once(there.socket as never, 'disconnect');
    await callRest(`${cluster.node(0).url}/auth/logout`, {
      body: { refresh_token: ada.refreshToken },
    });
    await closed;
  });
});
