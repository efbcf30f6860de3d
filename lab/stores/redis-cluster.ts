import { readFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { eventually } from '../eventually.js';
import type { Certificates } from './certificates.js';
import { freePort, onlyTls, startRedis, type TestRedis } from './redis.js';

export interface TestRedisCluster {
  /** The URL with `?cluster`. */
  url: string;
  masters: readonly TestRedis[];
  /** Adds a replica of the first master, and resolves when it is in sync. */
  addReplica(): Promise<void>;
  stop(): Promise<void>;
}

const SLOTS = 16_384;

const untilTrue = (look: () => Promise<boolean>) => eventually(look, (found) => found);

async function isComplete(node: Redis, size: number): Promise<boolean> {
  const lines = String(await node.cluster('INFO')).split('\r\n');
  return [
    'cluster_state:ok',
    `cluster_slots_assigned:${SLOTS}`,
    `cluster_known_nodes:${size}`,
  ].every((line) => lines.includes(line));
}

async function untilComplete(nodes: readonly Redis[]): Promise<void> {
  for (const node of nodes) await untilTrue(() => isComplete(node, nodes.length));
}

interface Master extends TestRedis {
  busPort: number;
}

/** Assigns every master its share of the slots, and introduces it to the first. */
async function join(nodes: readonly Redis[], masters: readonly Master[]): Promise<void> {
  const share = Math.ceil(SLOTS / nodes.length);
  for (const [i, node] of nodes.entries()) {
    const last = Math.min((i + 1) * share, SLOTS) - 1;
    await node.call('CLUSTER', 'ADDSLOTSRANGE', String(i * share), String(last));
    await node.call('CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1));
    const first = masters[0];
    if (first) await node.call('CLUSTER', 'MEET', '127.0.0.1', first.port, first.busPort);
  }
  await untilComplete(nodes);
}

async function withAdmins(
  members: readonly Master[],
  tls: Certificates | null,
  work: (nodes: readonly Redis[]) => Promise<void>,
): Promise<void> {
  const options = tls ? { tls: { ca: await readFile(tls.authority) } } : {};
  const nodes = members.map(({ port }) => new Redis(port, 'localhost', options));
  await work(nodes).finally(() => {
    for (const node of nodes) node.disconnect();
  });
}

/** Makes the last of `nodes` a replica of the first. */
async function replicateFirst(nodes: readonly Redis[], members: readonly Master[]): Promise<void> {
  const [master, replica, first] = [nodes.at(0), nodes.at(-1), members.at(0)];
  if (!master || !replica || !first) throw new Error('no nodes');
  await replica.call('CLUSTER', 'MEET', '127.0.0.1', first.port, first.busPort);
  await untilComplete(nodes);
  await replica.call('CLUSTER', 'REPLICATE', String(await master.cluster('MYID')));
  await untilTrue(async () => {
    return (await replica.info('replication')).includes('master_link_status:up');
  });
}

/**
 * A separate Redis Cluster: masters without replicas, on free ports of this machine. With `tls` it accepts nothing
 * else, and its members use the name `localhost`.
 */
export async function startRedisCluster(
  size = 3,
  tls: Certificates | null = null,
): Promise<TestRedisCluster> {
  const masters = await Promise.all(Array.from({ length: size }, () => startClusterNode(tls)));
  const members = [...masters];
  await withAdmins(masters, tls, (nodes) => join(nodes, masters));
  const hosts = masters.map(({ port }) => `${tls ? 'localhost' : '127.0.0.1'}:${port}`).join(',');
  return {
    url: `${tls ? 'rediss' : 'redis'}://${hosts}?cluster`,
    masters,
    async addReplica() {
      const replica = await startClusterNode(tls);
      members.push(replica);
      await withAdmins(members, tls, (nodes) => replicateFirst(nodes, members));
    },
    async stop() {
      await Promise.all(members.map((member) => member.stop()));
    },
  };
}

/** The node's bus gets a separate port: the default, the port + 10,000, may not be free or valid. */
async function startClusterNode(tls: Certificates | null): Promise<Master> {
  const [port, busPort] = [await freePort(), await freePort()];
  const named = ['--cluster-announce-hostname', 'localhost'];
  const redis = await startRedis(port, [
    ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort)],
    ...['--cluster-node-timeout', '1000', '--cluster-require-full-coverage', 'no'],
    ...['--repl-diskless-sync-delay', '0'],
    ...(tls ? onlyTls(port, tls) : []),
    ...(tls ? [...named, '--cluster-preferred-endpoint-type', 'hostname'] : []),
  ]);
  return Object.assign(redis, { busPort });
}
