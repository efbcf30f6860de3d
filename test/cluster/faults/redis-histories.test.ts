import { Redis } from 'ioredis';
import { eventually } from '../../../lab/eventually.js';
import { type Cluster, startCluster } from '../../../lab/nodes/cluster.js';
import { untilAll } from '../../../lab/nodes/readiness.js';
import { Screen } from '../../../lab/people/screen.js';
import { freePort, startRedis, type TestRedis } from '../../../lab/stores/redis.js';

const FIRST = 'Grüße 你好 ';
const REST = ['👩‍🚀 ', 'x'.repeat(1_200), ' end.'];

describe('Two nodes, whose Redis', function () {
  this.timeout(120_000);
  let cluster: Cluster;
  let replica: TestRedis | null = null;
  let screen: Screen;

  beforeEach(async () => {
    cluster = await startCluster({ nodes: 2, breakable: [0, 1] });
    screen = await Screen.open(cluster, 'ada');
  });
  afterEach(async () => {
    screen.close();
    await cluster.stop();
    await replica?.stop();
    replica = null;
  });

  const admin = async <T>(port: number, work: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = new Redis(port);
    return work(redis).finally(() => redis.disconnect());
  };
  const goTo = (node: number, port: number) => cluster.node(node).ways.redis.lead(port);

  /** An answer that the first node writes and the second shows. */
  const begin = async () => {
    const held = cluster.upstream.next();
    const { assistant_message } = await screen.ask();
    held.write(FIRST);
    await screen.reader.sees(screen.conversationId, ({ content }) => content === FIRST);
    const end = async () => {
      held.write(...REST);
      held.finish();
      await screen.device.ended(assistant_message.id);
    };
    return { held, end };
  };

  const followReplica = async (): Promise<TestRedis> => {
    const { port } = cluster.redis;
    const follow = ['--repl-diskless-sync-delay', '0', '--replicaof', '127.0.0.1', String(port)];
    const started = await startRedis(await freePort(), follow);
    replica = started;
    await eventually(
      () => admin(started.port, (redis) => redis.info('replication')),
      (info) => info.includes('master_link_status:up'),
    );
    return started;
  };

  it('is split, the owner alone with the old master: an end that went there is shown during the split, and all after it', async () => {
    const { port } = await followReplica();
    const { end } = await begin();
    await admin(port, (redis) => redis.replicaof('NO', 'ONE'));
    goTo(1, port);
    await end();
    await screen.isExact();
    goTo(0, port);
    await cluster.redis.kill();
    await untilAll(cluster.nodes, 'ready');
    const other = await begin();
    await other.end();
    await screen.isExact();
  });

  it('is replaced by a replica that lacks the last events: text of an answer that still runs is whole', async () => {
    const { port } = await followReplica();
    const { held, end } = await begin();
    await admin(port, (redis) => redis.replicaof('NO', 'ONE'));
    held.write('only the old master has it ');
    await screen.device.until('message:delta', ({ text }) => text.includes('old master'));
    for (const node of [0, 1]) goTo(node, port);
    await cluster.redis.kill();
    await screen.reader.sees(
      screen.conversationId,
      ({ content }) => content.endsWith('has it '),
      10_000,
    );
    await end();
    await screen.isExact();
  });

  it('comes back with exactly the state that a reader had last seen: what it missed since is shown', async () => {
    const { end } = await begin();
    await admin(cluster.redis.port, (redis) => redis.save());
    cluster.node(1).ways.redis.cut();
    await end();
    await cluster.redis.kill();
    await cluster.redis.start();
    cluster.node(1).ways.redis.heal();
    await screen.isExact();
    const again = await begin();
    await again.end();
    await screen.isExact();
  });
});
