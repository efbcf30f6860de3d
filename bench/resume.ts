import { createTestDatabase, stopTestPostgres } from '../lab/stores/database.js';
import { startRedis } from '../lab/stores/redis.js';
import { type Results, type Row, repeatsOf, rowOf } from './results.js';
import { buildProduct } from './support/build.js';
import { type ClientProcess, startClients } from './support/client-process.js';
import { type Measured, startMeasured, startScript } from './support/script.js';
import { nodeEnv, PINNED } from './support/subjects.js';

const CHARS_PER_TOKEN = 4;

async function repeat(times: number, measure: () => Promise<number>): Promise<Row> {
  const repeats: number[] = [];
  for (let i = 0; i < times; i++) repeats.push(await measure());
  return rowOf(repeats);
}

/** A running answer with readers on the node that writes it, then on the other one. */
async function measure(
  clients: ClientProcess,
  nodes: Measured[],
  { readers, tokens, times }: { readers: number; tokens: number; times: number },
) {
  const [origin, other] = nodes;
  if (!origin || !other) throw new Error('two nodes');
  // The first delta is known, but not its length.
  const chars = tokens * CHARS_PER_TOKEN * 0.9;
  await clients.order('register', { url: origin.url, users: 1 });
  await clients.order('connect', { url: origin.url, count: readers });
  await clients.order('openOne');
  await clients.order('askUntil', { chars: tokens * CHARS_PER_TOKEN });
  const one = await repeat(times, () => clients.order('resume', { chars }));
  const places = [other, origin, other];
  const comeBack = () => clients.order<number>('comeBack', { url: places.shift()?.url, chars });
  const all = await repeat(times, comeBack);
  return { one, all };
}

/** A reader far behind, and a thousand that reconnect at once to another node: the ms until they have everything. */
export async function resume(small: boolean): Promise<Results> {
  const [readers, tokens] = small ? [10, 100] : [1_000, 10_000];
  const [database, store, upstream] = await Promise.all([
    createTestDatabase(),
    startRedis(),
    startScript('bench/support/upstream.ts', {
      BENCH_TOKENS: String(tokens),
      BENCH_PAUSE_MS: '1',
      BENCH_HOLD: '1',
    }),
    buildProduct(),
  ]);
  const env = { ...nodeEnv(database.url, upstream.url), REDIS_URL: store.url };
  const nodes = [
    await startMeasured('dist/index.js', env, PINNED),
    await startMeasured('dist/index.js', env, PINNED),
  ];
  const clients = await startClients('crowd');
  try {
    const { one, all } = await measure(clients, nodes, {
      readers,
      tokens,
      times: repeatsOf(small),
    });
    return {
      'resume-one': {
        unit: `ms until a reader ${tokens} tokens behind has them`,
        rows: { 'ours-redis-origin': one },
      },
      'resume-all': {
        unit: `ms until ${readers} readers ${tokens} tokens behind are back, connected and have them`,
        rows: { 'ours-redis-edge': all },
      },
    };
  } finally {
    clients.stop();
    await upstream.stop();
    await Promise.all(nodes.map((node) => node.stop()));
    await store.stop();
    await database.drop();
    await stopTestPostgres();
  }
}
