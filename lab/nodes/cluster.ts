import pg from 'pg';
import { startUpstream, type Upstream } from '../models/scripted-upstream.js';
import { type Device, openDevice } from '../people/device.js';
import { type Account, registerAt } from '../people/rest.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../stores/database.js';
import { type OwnPostgres, startOwnPostgres } from '../stores/own-postgres.js';
import { freePort, startRedis, type TestRedis } from '../stores/redis.js';
import { startRedisCluster, type TestRedisCluster } from '../stores/redis-cluster.js';
import { startTcpProxy } from '../stores/tcp-proxy.js';
import { type Balancer, type BalancerKind, startBalancer } from './balancer.js';
import { ClusterNode, type Launch, type Ways } from './cluster-node.js';
import { startInside } from './inside.js';
import { startProduct } from './process.js';

export type { ClusterNode } from './cluster-node.js';

export interface ClusterOptions {
  /** Default: three. */
  nodes?: number;
  env?: Record<string, string>;
  /** Runs the nodes in this process, which costs much less. They cannot be killed or frozen. */
  inside?: boolean;
  /** Puts the shipped configuration in front. It expects three nodes. */
  balancer?: BalancerKind;
  /** Nodes whose connections to Redis and Postgres can be broken separately. */
  breakable?: number[];
  /** Starts with a database without tables, so that the nodes migrate it. */
  empty?: boolean;
  /** Used instead of a plain server, and ended with the cluster. */
  redis?: TestRedis;
  /** A Postgres server that belongs to this cluster alone, so that it can be ended and frozen. */
  ownPostgres?: boolean;
  /** Three masters instead of one Redis. */
  redisCluster?: boolean;
}

/**
 * Production settings, but quicker. Leases are long, so that a machine that stalls loses no answer to another node, and
 * commands may take long, so that its Redis does not count as away. Tests of takeovers, and of a Redis that is silent,
 * set short ones.
 */
const ENV = {
  SECRET_KEY: 'a-secret-for-tests-that-is-long-enough-1',
  REFRESH_SECRET_KEY: 'a-secret-for-tests-that-is-long-enough-2',
  LEASE_SECONDS: '60',
  CLAIM_POLL_MS: '300',
  STREAM_FLUSH_MS: '5',
  REDIS_COMMAND_TIMEOUT_MS: '5000',
  DB_POOL_MAX: '5',
  OPENAI_MODEL: 'test-model',
  AUTO_TITLE: 'false',
  OPENAI_API_KEY: 'sk-test-key',
  TRUST_PROXY: '1',
};

/** Tests of these times use them: an empty value means the product's default. */
export const PRODUCT_TIMES = { LEASE_SECONDS: '', CLAIM_POLL_MS: '', STREAM_FLUSH_MS: '' };

interface Stores {
  redis: TestRedis | TestRedisCluster;
  database: TestDatabase | OwnPostgres;
}

interface Parts extends Stores {
  upstream: Upstream;
  sql: pg.Pool;
  nodes: ClusterNode[];
}

/**
 * Several nodes, by default as separate processes, with one Redis, one database and one model server that the test
 * scripts.
 */
export class Cluster {
  readonly upstream: Upstream;
  readonly nodes: readonly ClusterNode[];
  #stores: Stores;
  #sql: pg.Pool;
  #balancer: Balancer | null = null;
  #devices: Device[] = [];

  constructor({ redis, database, upstream, sql, nodes }: Parts) {
    this.upstream = upstream;
    this.nodes = nodes;
    this.#stores = { redis, database };
    this.#sql = sql;
  }

  /** Starts all nodes at the same moment, then the balancer. */
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

  get redis(): TestRedis {
    const { redis } = this.#stores;
    if ('masters' in redis) throw new Error('this cluster has a Redis Cluster');
    return redis;
  }

  get redisCluster(): TestRedisCluster {
    const { redis } = this.#stores;
    if (!('masters' in redis)) throw new Error('this cluster has one Redis');
    return redis;
  }

  get postgres(): OwnPostgres {
    const { database } = this.#stores;
    if (!('freeze' in database)) throw new Error('this cluster has no Postgres of its own');
    return database;
  }

  get databaseUrl(): string {
    return this.#stores.database.url;
  }

  /** The URL of the balancer. */
  get url(): string {
    if (!this.#balancer) throw new Error('this cluster has no balancer');
    return this.#balancer.url;
  }

  account(username: string, at = 0): Promise<Account> {
    return registerAt(this.node(at).url, username);
  }

  /** A socket to one node, or through the balancer. It is closed with the cluster. */
  async device(where: number | 'balancer', account: Account): Promise<Device> {
    const url = where === 'balancer' ? this.url : this.node(where).url;
    const device = await openDevice(url, { token: account.token });
    this.#devices.push(device);
    return device;
  }

  /**
   * Ends the leases of a node that was killed, instead of waiting. The others take over once they have been healthy
   * for as long as a lease lasts.
   */
  async expireLeases(): Promise<void> {
    await this.rows(
      `UPDATE generations SET lease_expires_at = clock_timestamp() - interval '1 second'
       WHERE lease_expires_at IS NOT NULL`,
    );
  }

  async rows<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.#sql.query<T>(sql, values)).rows;
  }

  async stop(): Promise<void> {
    for (const device of this.#devices) device.close();
    await this.#balancer?.stop();
    await this.upstream.stop();
    await Promise.all(this.nodes.map((node) => node.dispose()));
    await this.#stores.redis.stop();
    await this.#sql.end();
    await this.#stores.database.drop();
  }
}

const withPort = (url: string, port: number) =>
  Object.assign(new URL(url), { port: String(port) }).href;

async function openWays(redisPort: number, databaseUrl: string): Promise<Ways> {
  const [redis, postgres] = await Promise.all([
    startTcpProxy(redisPort, true),
    startTcpProxy(Number(new URL(databaseUrl).port)),
  ]);
  return { redis, postgres };
}

function openStores(options: ClusterOptions): Promise<Stores> {
  const { redisCluster, ownPostgres, empty } = options;
  const redis = options.redis ?? (redisCluster ? startRedisCluster() : startRedis());
  const shared = empty ? createEmptyDatabase : createTestDatabase;
  const database = ownPostgres ? startOwnPostgres() : shared();
  return Promise.all([redis, database]).then(([redis, database]) => ({ redis, database }));
}

async function createNode(
  launch: Launch,
  env: Record<string, string>,
  { redis, database }: Stores,
  ways: boolean,
) {
  const own = ways && 'port' in redis ? await openWays(redis.port, database.url) : null;
  const urls = {
    REDIS_URL: own ? withPort(redis.url, own.redis.port) : redis.url,
    DATABASE_URL: own ? withPort(database.url, own.postgres.port) : database.url,
  };
  return new ClusterNode(await freePort(), { ...env, ...urls }, own, launch);
}

/** The test's own queries use this pool. It works again after an outage. */
function openSql({ url }: TestDatabase): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  return pool.on('error', () => {});
}

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { nodes: count = 3, env, breakable = [] } = options;
  const [stores, upstream] = await Promise.all([openStores(options), startUpstream()]);
  const all = { ...ENV, OPENAI_BASE_URL: upstream.url, ...env };
  const nodes: ClusterNode[] = [];
  const launch = options.inside ? startInside : startProduct;
  for (let i = 0; i < count; i++)
    nodes.push(await createNode(launch, all, stores, breakable.includes(i)));
  const sql = openSql(stores.database);
  const cluster = new Cluster({ ...stores, upstream, sql, nodes });
  try {
    await cluster.start(options.balancer);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
}
