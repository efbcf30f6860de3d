import pg from 'pg';
import { type Balancer, type BalancerKind, startBalancer } from './balancer.js';
import { ClusterNode, type Ways } from './cluster-node.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from './database.js';
import { type Device, openDevice } from './device.js';
import { freePort, startRedis, type TestRedis } from './redis.js';
import { type Account, registerAt } from './rest.js';
import { startUpstream, type Upstream } from './scripted-upstream.js';
import { startTcpProxy } from './tcp-proxy.js';

export type { ClusterNode } from './cluster-node.js';

export interface ClusterOptions {
  /** Three unless said. */
  nodes?: number;
  env?: Record<string, string>;
  /** Puts the shipped configuration in front; it knows three nodes. */
  balancer?: BalancerKind;
  /** Nodes that get ways of their own to Redis and Postgres. */
  breakable?: number[];
  /** A database without tables, so that the nodes migrate it. */
  empty?: boolean;
  /** In the place of a plain server; ended with the cluster. */
  redis?: TestRedis;
}

/** Production's way with quick time-outs. */
const ENV = {
  SECRET_KEY: 'a-secret-for-tests-that-is-long-enough-1',
  REFRESH_SECRET_KEY: 'a-secret-for-tests-that-is-long-enough-2',
  LEASE_SECONDS: '1',
  CLAIM_POLL_MS: '100',
  STREAM_FLUSH_MS: '5',
  DB_POOL_MAX: '5',
  OPENAI_MODEL: 'test-model',
  OPENAI_API_KEY: 'sk-test-key',
  TRUST_PROXY: '1',
};

/** Where a test is about them: empty means the product's own default. */
export const PRODUCT_TIMES = { LEASE_SECONDS: '', CLAIM_POLL_MS: '', STREAM_FLUSH_MS: '' };

interface Parts {
  redis: TestRedis;
  database: TestDatabase;
  upstream: Upstream;
  sql: pg.Client;
  nodes: ClusterNode[];
}

/** Several nodes as real processes with one Redis, one database and one model server that the test scripts. */
export class Cluster {
  readonly redis: TestRedis;
  readonly upstream: Upstream;
  readonly nodes: readonly ClusterNode[];
  #database: TestDatabase;
  #sql: pg.Client;
  #balancer: Balancer | null = null;
  #devices: Device[] = [];

  constructor({ redis, database, upstream, sql, nodes }: Parts) {
    this.redis = redis;
    this.upstream = upstream;
    this.nodes = nodes;
    this.#database = database;
    this.#sql = sql;
  }

  /** Starts all nodes at the same moment, then what stands in front of them. */
  async start(balancer?: BalancerKind): Promise<void> {
    const starts = await Promise.allSettled(this.nodes.map((node) => node.start()));
    for (const start of starts) if (start.status === 'rejected') throw start.reason;
    if (!balancer) return;
    const hosts = this.nodes.map(({ host }) => host);
    this.#balancer = await startBalancer(balancer, hosts);
  }

  node(index: number): ClusterNode {
    const node = this.nodes[index];
    if (!node) throw new Error(`no node ${index}`);
    return node;
  }

  /** Of the balancer. */
  get url(): string {
    if (!this.#balancer) throw new Error('this cluster has no balancer');
    return this.#balancer.url;
  }

  account(username: string, at = 0): Promise<Account> {
    return registerAt(this.node(at).url, username);
  }

  /** A socket to one node, or through the balancer; closed with the cluster. */
  async device(where: number | 'balancer', account: Account): Promise<Device> {
    const url = where === 'balancer' ? this.url : this.node(where).url;
    const device = await openDevice(url, { token: account.token });
    this.#devices.push(device);
    return device;
  }

  async rows<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.#sql.query<T>(sql, values)).rows;
  }

  async stop(): Promise<void> {
    for (const device of this.#devices) device.close();
    await this.#balancer?.stop();
    await this.upstream.stop();
    await Promise.all(this.nodes.map((node) => node.dispose()));
    await this.redis.stop();
    await this.#sql.end();
    await this.#database.drop();
  }
}

const withPort = (url: string, port: number) =>
  Object.assign(new URL(url), { port: String(port) }).href;

async function openWays(redisPort: number, databaseUrl: string): Promise<Ways> {
  const [redis, postgres] = await Promise.all([
    startTcpProxy(redisPort),
    startTcpProxy(Number(new URL(databaseUrl).port)),
  ]);
  return { redis, postgres };
}

async function createNode(env: Record<string, string>, redis: TestRedis, ways: Ways | null) {
  const { DATABASE_URL = '' } = env;
  const urls = {
    REDIS_URL: ways ? withPort(redis.url, ways.redis.port) : redis.url,
    DATABASE_URL: ways ? withPort(DATABASE_URL, ways.postgres.port) : DATABASE_URL,
  };
  return new ClusterNode(await freePort(), { ...env, ...urls }, ways);
}

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { nodes: count = 3, env, breakable = [], empty = false } = options;
  const [redis, upstream, database] = await Promise.all([
    options.redis ?? startRedis(),
    startUpstream(),
    empty ? createEmptyDatabase() : createTestDatabase(),
  ]);
  const sql = new pg.Client(database.url);
  await sql.connect();
  const all = { ...ENV, OPENAI_BASE_URL: upstream.url, DATABASE_URL: database.url, ...env };
  const nodes: ClusterNode[] = [];
  for (let i = 0; i < count; i++) {
    const ways = breakable.includes(i) ? await openWays(redis.port, database.url) : null;
    nodes.push(await createNode(all, redis, ways));
  }
  const cluster = new Cluster({ redis, database, upstream, sql, nodes });
  try {
    await cluster.start(options.balancer);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
}
