import { Redis } from 'ioredis';
import { startRedis } from '../lab/stores/redis.js';
import { startRedisNodes } from '../lab/stores/redis-nodes.js';
import { type Results, type Row, repeatsOf, rowOf } from './results.js';

const DELTA = 'twenty characters... ';

const numberIn = (info: string, name: string) =>
  Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);

async function stateOf(admin: Redis) {
  const info = await admin.info();
  const cpu = numberIn(info, 'used_cpu_user') + numberIn(info, 'used_cpu_sys');
  return { cpu, memory: numberIn(info, 'used_memory') };
}

/** Writes the answers on one node at once. Each has a reader on another node. */
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

/** As long as an event that the socket adapter publishes to all nodes. */
const LIST_EVENT = 'x'.repeat(600);
/** A busy Redis finds several messages at each look, and writes to each subscriber once for all of them. */
const AT_ONCE = 10;

/** µs of Redis for each message that it delivers to one of many subscribers of a channel. */
async function measureDelivery(subscribers: number, messages: number): Promise<number> {
  const server = await startRedis();
  const admin = new Redis(server.url);
  const nodes = Array.from({ length: subscribers }, () => new Redis(server.url));
  try {
    let heard = 0;
    for (const node of nodes) node.on('message', () => (heard += 1));
    await Promise.all(nodes.map((node) => node.subscribe('lists')));
    const before = await stateOf(admin);
    for (let i = 0; i < messages; i += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, () => admin.publish('lists', LIST_EVENT)));
    }
    // The reply comes after everything sent earlier on the same connection.
    await Promise.all(nodes.map((node) => node.ping()));
    const after = await stateOf(admin);
    if (heard !== subscribers * messages) throw new Error('a subscriber lacks messages');
    return ((after.cpu - before.cpu) * 1e6) / heard;
  } finally {
    for (const redis of [admin, ...nodes]) redis.disconnect();
    await server.stop();
  }
}

/** The cost of a running answer for Redis: memory until it ends, CPU per delta, and the cost of events for all nodes. */
export async function redis(small: boolean): Promise<Results> {
  const [answers, deltas] = small ? [5, 5] : [200, 500];
  const { memory, cpu } = await repeat(repeatsOf(small), answers, deltas);
  const [subscribers, messages] = small ? [2, 10] : [50, 2_000];
  const deliveries: number[] = [];
  for (let i = 0; i < repeatsOf(small); i++) {
    deliveries.push(await measureDelivery(subscribers, messages));
  }
  const size = `${answers} answers of ${deltas} deltas of ${DELTA.length} bytes`;
  return {
    'redis-memory': { unit: `bytes a running answer, ${size}`, rows: { 'ours-redis': memory } },
    'redis-cpu': { unit: `us of Redis a delta, ${size}`, rows: { 'ours-redis': cpu } },
    'redis-delivery': {
      unit: `us of Redis a message to one of ${subscribers} subscribers, ${LIST_EVENT.length} bytes`,
      rows: { 'classic-adapter': rowOf(deliveries) },
    },
  };
}
