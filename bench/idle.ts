import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createClient } from '../lab/stores/client.js';
import { createTestDatabase, stopTestPostgres } from '../lab/stores/database.js';
import { startRedis } from '../lab/stores/redis.js';
import { type Results, repeatsOf, rowOf } from './results.js';
import { buildProduct } from './support/build.js';
import { type ClientProcess, startClients } from './support/client-process.js';
import { type Measured, startMeasured } from './support/script.js';
import { openCounters } from './support/store-counters.js';
import { nodeEnv, PINNED } from './support/subjects.js';

/** Time for a ping of each socket, and two renewals of the presence in its conversation. */
const PERIOD_MS = 20_000;

/** Costs per second. */
interface Spent {
  nodeCpu: number;
  redisCommands: number;
  redisCpu: number;
  transactions: number;
  postgresCpu: number;
}

type Counters = ReturnType<typeof openCounters>;

async function spend(node: Measured, counters: Counters, ms: number): Promise<Spent> {
  const since = await counters.begin();
  const before = await node.usage();
  await pause(ms);
  const after = await node.usage();
  const seconds = ms / 1_000;
  const stores = await since.per({ answers: seconds, deltas: seconds });
  return {
    nodeCpu: (after.cpu - before.cpu) / seconds,
    redisCommands: stores.commands,
    redisCpu: stores.redisCpu,
    transactions: stores.transactions,
    postgresCpu: stores.postgresCpu,
  };
}

interface Stage {
  node: Measured;
  clients: ClientProcess;
  counters: Counters;
}

/** The cost of this many idle sockets, each with its own open conversation, beyond the node's own. */
async function measure({ node, clients, counters }: Stage, count: number, periods: number[]) {
  const alone = await spend(node, counters, periods[0] ?? PERIOD_MS);
  await clients.order('register', { url: node.url });
  await clients.order('connect', { url: node.url, count });
  await clients.order('openOwn');
  const repeats: Spent[] = [];
  for (const ms of periods) repeats.push(await spend(node, counters, ms));
  return { alone, repeats };
}

async function onStage<T>(work: (stage: Stage) => Promise<T>): Promise<T> {
  const [database, store] = await Promise.all([createTestDatabase(), startRedis(), buildProduct()]);
  const env = { ...nodeEnv(database.url, 'http://127.0.0.1:1'), REDIS_URL: store.url };
  const node = await startMeasured('dist/index.js', env, PINNED);
  const clients = await startClients('crowd');
  const sql = createClient(database.url);
  const admin = new Redis(store.url);
  try {
    await sql.connect();
    return await work({ node, clients, counters: openCounters(sql, admin) });
  } finally {
    clients.stop();
    admin.disconnect();
    await Promise.all([sql.end(), node.stop()]);
    await Promise.all([store.stop(), database.drop()]);
    await stopTestPostgres();
  }
}

/** The cost of sockets while nobody asks anything: pings, presence, checks for slow readers and ended sessions. */
export async function idle(small: boolean): Promise<Results> {
  const [count, ms] = small ? [5, 200] : [2_000, PERIOD_MS];
  const periods = Array.from({ length: repeatsOf(small) }, () => ms);
  const { alone, repeats } = await onStage((stage) => measure(stage, count, periods));
  const table = (unit: string, of: keyof Spent) => ({
    unit: `${unit} a second, ${count} idle sockets, each with a conversation open`,
    rows: {
      'ours-redis': rowOf(repeats.map((spent) => Math.max(0, spent[of] - alone[of]) / count)),
      'node-alone': rowOf([alone[of]]),
    },
  });
  return {
    'idle-cpu': table('us of CPU of the node', 'nodeCpu'),
    'idle-redis-commands': table('commands of Redis', 'redisCommands'),
    'idle-redis-cpu': table('us of Redis', 'redisCpu'),
    'idle-postgres-transactions': table('transactions', 'transactions'),
    'idle-postgres-cpu': table('us of Postgres', 'postgresCpu'),
  };
}
