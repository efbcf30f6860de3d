import { Redis } from 'ioredis';
import { createClient } from '../lab/stores/client.js';
import { createTestDatabase, stopTestPostgres } from '../lab/stores/database.js';
import { startRedis } from '../lab/stores/redis.js';
import { type Results, repeatsOf, rowOf } from './results.js';
import { buildProduct } from './support/build.js';
import { startReaders } from './support/readers.js';
import { startMeasured, startScript } from './support/script.js';
import { type Counts, openCounters } from './support/store-counters.js';
import { nodeEnv, PINNED } from './support/subjects.js';

interface Size {
  streams: number;
  tokens: number;
  times: number;
}

/** Answers are written on one node and read on another. */
async function measure(databaseUrl: string, redisUrl: string, size: Size): Promise<Counts[]> {
  const tokens = { BENCH_TOKENS: String(size.tokens) };
  const upstream = await startScript('bench/support/upstream.ts', tokens);
  const env = { ...nodeEnv(databaseUrl, upstream.url), REDIS_URL: redisUrl };
  const origin = await startMeasured('dist/index.js', env, PINNED);
  const edge = await startMeasured('dist/index.js', env, { cpu: 1 });
  const readers = await startReaders('sockets', { ASK_URL: origin.url });
  const sql = createClient(databaseUrl);
  await sql.connect();
  const admin = new Redis(redisUrl);
  try {
    await readers.prepare(edge.url, size.streams);
    await readers.read(edge.url, size.streams);
    const counters = openCounters(sql, admin);
    const repeats: Counts[] = [];
    for (let i = 0; i < size.times; i++) {
      const since = await counters.begin();
      const { packets } = await readers.read(edge.url, size.streams);
      repeats.push(await since.per({ answers: size.streams, deltas: packets }));
    }
    return repeats;
  } finally {
    readers.stop();
    admin.disconnect();
    await sql.end();
    await Promise.all([origin.stop(), edge.stop(), upstream.stop()]);
  }
}

/** The load of an answer on the stores that all nodes share. */
export async function stores(small: boolean): Promise<Results> {
  const [streams, tokens] = small ? [2, 10] : [50, 500];
  const [database, store] = await Promise.all([createTestDatabase(), startRedis(), buildProduct()]);
  try {
    const repeats = await measure(database.url, store.url, {
      streams,
      tokens,
      times: repeatsOf(small),
    });
    const table = (unit: string, of: keyof Counts) => ({
      unit: `${unit}, ${streams} answers of ${tokens} tokens at once`,
      rows: { 'ours-redis': rowOf(repeats.map((counts) => counts[of])) },
    });
    return {
      'stores-deltas': table('deltas an answer', 'deltas'),
      'stores-redis-commands': table('commands of Redis a delta', 'commands'),
      'stores-redis-bytes': table('bytes to and from Redis a delta', 'bytes'),
      'stores-redis-cpu': table('us of Redis a delta', 'redisCpu'),
      'stores-postgres-transactions': table('transactions an answer', 'transactions'),
      'stores-postgres-cpu': table('us of Postgres an answer', 'postgresCpu'),
    };
  } finally {
    await store.stop();
    await database.drop();
    await stopTestPostgres();
  }
}
