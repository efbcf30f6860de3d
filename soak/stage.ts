import pg from 'pg';
import { type Balancer, startBalancer } from '../lab/nodes/balancer.js';
import { freePort, startRedis, type TestRedis } from '../lab/stores/redis.js';
import { startTcpProxy } from '../lab/stores/tcp-proxy.js';
import { type NodeEvents, SoakNode } from './node.js';
import { OwnPostgres } from './postgres.js';

const NODES = 3;

/** The product's defaults, except for limits that would keep a single address from simulating a crowd. */
const ENV = {
  SECRET_KEY: 'a-secret-for-benches-that-is-long-enough-1',
  REFRESH_SECRET_KEY: 'a-secret-for-benches-that-is-long-enough-2',
  TRUST_PROXY: '1',
  DB_POOL_MAX: '10',
  PROMPT_TOKENS: '500',
  ACCESS_TOKEN_EXPIRE_MINUTES: '1440',
  REGISTER_PER_MINUTE: '100000',
  REQUESTS_PER_MINUTE: '100000',
  HANDSHAKES_PER_MINUTE: '100000',
  OPENAI_API_KEY: 'sk-soak',
  OPENAI_MODEL: 'soak-model',
  AUTO_TITLE: 'false',
};

/** Everything that the soak breaks: three nodes, their stores, and the balancer in front. */
export interface Stage {
  nodes: readonly SoakNode[];
  redis: TestRedis;
  postgres: OwnPostgres;
  /** The URL of the balancer. */
  url: string;
  rows<T extends pg.QueryResultRow>(sql: string): Promise<T[]>;
  close(): Promise<void>;
}

interface Shared {
  env: Record<string, string>;
  redis: TestRedis;
  postgres: OwnPostgres;
  events: NodeEvents;
}

async function createNode(name: string, { env, redis, postgres, events }: Shared) {
  const ways = {
    redis: await startTcpProxy(redis.port),
    postgres: await startTcpProxy(postgres.port),
  };
  const database = Object.assign(new URL(postgres.url), { port: String(ways.postgres.port) });
  const urls = { REDIS_URL: `redis://127.0.0.1:${ways.redis.port}`, DATABASE_URL: database.href };
  return new SoakNode(name, await freePort(), { ...env, ...urls }, ways, events);
}

type Close = () => Promise<unknown>;

async function closeAll(steps: Close[]): Promise<void> {
  for (const step of steps.splice(0).reverse()) await step();
}

async function open(modelUrl: string, events: NodeEvents, closing: Close[]): Promise<Stage> {
  const postgres = await OwnPostgres.start();
  closing.push(() => postgres.dispose());
  const redis = await startRedis();
  closing.push(() => redis.stop());
  const shared = { env: { ...ENV, OPENAI_BASE_URL: modelUrl }, redis, postgres, events };
  const nodes: SoakNode[] = [];
  for (let i = 1; i <= NODES; i += 1) nodes.push(await createNode(`node${i}`, shared));
  closing.push(() => Promise.all(nodes.map((node) => node.dispose())));
  await Promise.all(nodes.map((node) => node.start()));
  const balancer: Balancer = await startBalancer(
    'haproxy',
    nodes.map(({ host }) => host),
  );
  closing.push(() => balancer.stop());
  const pool = new pg.Pool({ connectionString: postgres.url, max: 2, query_timeout: 60_000 });
  pool.on('error', () => {});
  closing.push(() => pool.end());
  const rows = async <T extends pg.QueryResultRow>(sql: string) => (await pool.query<T>(sql)).rows;
  return { nodes, redis, postgres, url: balancer.url, rows, close: () => closeAll(closing) };
}

export async function openStage(modelUrl: string, events: NodeEvents): Promise<Stage> {
  const closing: Close[] = [];
  try {
    return await open(modelUrl, events, closing);
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}
