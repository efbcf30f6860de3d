import { Redis } from 'ioredis';
import { startRedis } from '../test/support/redis.js';
import { startRedisNodes } from '../test/support/redis-nodes.js';
import { type Results, type Row, repeatsOf, rowOf } from './results.js';

const DELTA = 'twenty characters... ';

const numberIn = (info: string, name: string) =>
  Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);

async function stateOf(admin: Redis) {
  const info = await admin.info();
  const cpu = numberIn(info, 'used_cpu_user') + numberIn(info, 'used_cpu_sys');
  return { cpu, memory: numberIn(info, 'used_memory') };
}

/** Writes the answers on one node at once; each has a reader on another. */
async function measure(url: string, answers: number, deltas: number) {
  const nodes = await startRedisNodes(url);
  const admin = new Redis(url);
  const keys = Array.from({ length: answers }, (_, i) => ({ conversationId: i, messageId: i }));
  const reader = { onEvent() {}, onResync() {} };
  await Promise.all(keys.map((key) => nodes.peer.log.subscribe(key.conversationId, reader)));
  const before = await stateOf(admin);
  await Promise.all(keys.map((key) => nodes.engine.log.begin(key, 1)));
  for (let seq = 1; seq <= deltas; seq++) {
    await Promise.all(keys.map((key) => nodes.engine.log.append(key, { attempt: 1, seq }, DELTA)));
  }
  const after = await stateOf(admin);
  admin.disconnect();
  await nodes.stop();
  const memory = (after.memory - before.memory) / answers;
  return { memory, cpu: ((after.cpu - before.cpu) * 1e6) / (answers * deltas) };
}

async function repeat(
  times: number,
  answers: number,
  deltas: number,
): Promise<{ memory: Row; cpu: Row }> {
  const repeats: Awaited<ReturnType<typeof measure>>[] = [];
  for (let i = 0; i < times; i++) {
    const server = await startRedis();
    repeats.push(await measure(server.url, answers, deltas).finally(() => server.stop()));
  }
  return { memory: rowOf(repeats.map((r) => r.memory)), cpu: rowOf(repeats.map((r) => r.cpu)) };
}

/** What a running answer costs Redis: memory until it ends, CPU for every delta. */
export async function redis(small: boolean): Promise<Results> {
  const [answers, deltas] = small ? [5, 5] : [200, 500];
  const { memory, cpu } = await repeat(repeatsOf(small), answers, deltas);
  const size = `${answers} answers of ${deltas} deltas of ${DELTA.length} bytes`;
  return {
    'redis-memory': { unit: `bytes a running answer, ${size}`, rows: { 'ours-redis': memory } },
    'redis-cpu': { unit: `us of Redis a delta, ${size}`, rows: { 'ours-redis': cpu } },
  };
}
