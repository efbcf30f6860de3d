import { createTestDatabase, stopTestPostgres } from '../lab/stores/database.js';
import { startRedis } from '../lab/stores/redis.js';
import { type Results, repeatsOf, rowOf } from './results.js';
import { buildProduct } from './support/build.js';
import { startClients } from './support/client-process.js';
import { type IdleNodes, idleNodes } from './support/idle-nodes.js';
import { startReaders } from './support/readers.js';
import { type Measured, startMeasured, startScript } from './support/script.js';
import { nodeEnv, PINNED } from './support/subjects.js';

const PAUSE_MS = 20;
/** The product's flush interval. */
const EVERY_MS = 30;

interface Size {
  nodes: number[];
  streams: number;
  tokens: number;
  times: number;
}

/** A working node, others beside it, and the work to measure. */
interface Subject {
  origin: Measured;
  idle: IdleNodes;
  /** Writes to all streams, each with one reader on this node. Resolves to the deltas that the readers got. */
  run(): Promise<number>;
  stop(): Promise<void>;
}

type Figures = Record<'origin' | 'idle' | 'inRooms' | 'others', number>;

/** The cost of idle nodes, which is subtracted. */
async function idleCpu(idle: IdleNodes, ms: number): Promise<number> {
  await idle.spent();
  await new Promise((resolve) => setTimeout(resolve, ms));
  return (await idle.spent()).cpu;
}

async function measureOnce(subject: Subject, others: number, streams: number): Promise<Figures> {
  const { origin, idle, run } = subject;
  const before = await origin.usage();
  await idle.spent();
  const begun = performance.now();
  const deltas = await run();
  const took = performance.now() - begun;
  const [after, spent] = [await origin.usage(), await idle.spent()];
  const own = others > 0 ? spent.cpu - (await idleCpu(idle, took)) : 0;
  const perNode = deltas * Math.max(1, others);
  const answersPerNode = streams * Math.max(1, others);
  return {
    origin: (after.cpu - before.cpu) / deltas,
    idle: own / perNode,
    inRooms: spent.inRooms / perNode,
    others: spent.others / answersPerNode,
  };
}

/** Sizes take turns, so that disturbances of the machine, and compiled code, spread over all of them. */
async function measure(name: string, subject: Subject, { nodes, streams, times }: Size) {
  const found = nodes.map((count) => ({
    name: `${name}@${count}`,
    others: count - 1,
    repeats: [] as Figures[],
  }));
  // Compiles the code that the measurement runs.
  for (let i = 0; i < times; i++) await subject.run();
  for (let i = 0; i < times; i++) {
    for (const { others, repeats } of found) {
      await subject.idle.resizeTo(others);
      repeats.push(await measureOnce(subject, others, streams));
    }
  }
  await subject.stop();
  return found;
}

async function ours({ streams, tokens }: Size, redisUrl: string): Promise<Subject> {
  const [database, upstream] = await Promise.all([
    createTestDatabase(),
    startScript('bench/support/upstream.ts', {
      BENCH_TOKENS: String(tokens),
      BENCH_PAUSE_MS: String(PAUSE_MS),
    }),
  ]);
  const env = nodeEnv(database.url, upstream.url);
  const start = (url: string, cpu: number) =>
    startMeasured('dist/index.js', { ...env, REDIS_URL: url }, { cpu });
  const origin = await start(redisUrl, PINNED.cpu);
  const idle = idleNodes({
    redisUrl,
    start: (url) => start(url, 1),
    isRoom: (channel) => /ch:\{\d+\}$/.test(channel),
  });
  const readers = await startReaders('sockets');
  await readers.prepare(origin.url, streams);
  return {
    origin,
    idle,
    run: async () => (await readers.read(origin.url, streams)).packets,
    async stop() {
      readers.stop();
      await Promise.all([origin.stop(), idle.stop(), upstream.stop()]);
      await database.drop();
    },
  };
}

async function classic({ streams, tokens }: Size, redisUrl: string): Promise<Subject> {
  const start = (url: string, cpu: number) =>
    startMeasured('bench/peers/classic-adapter.ts', { REDIS_URL: url }, { cpu });
  const origin = await start(redisUrl, PINNED.cpu);
  const idle = idleNodes({
    redisUrl,
    start: (url) => start(url, 1),
    isRoom: (channel) => channel.startsWith('socket.io#'),
  });
  const clients = await startClients('crowd');
  await clients.order('connect', { url: origin.url, count: streams });
  const events = Math.ceil((tokens * PAUSE_MS) / EVERY_MS);
  return {
    origin,
    idle,
    async run() {
      const had = await clients.order<number>('events');
      await fetch(`${origin.url}/?events=${events}&every=${EVERY_MS}`, { method: 'POST' });
      return (await clients.order<number>('events')) - had;
    },
    async stop() {
      clients.stop();
      await Promise.all([origin.stop(), idle.stop()]);
    },
  };
}

/** The cost of a delta on the writing node, and on nodes without a reader, as nodes are added. */
export async function nodes(small: boolean): Promise<Results> {
  const size: Size = small
    ? { nodes: [2], streams: 2, tokens: 10, times: 1 }
    : { nodes: [1, 2, 4, 8], streams: 50, tokens: 250, times: repeatsOf(small) };
  const [store] = await Promise.all([startRedis(), buildProduct()]);
  try {
    const found = [
      ...(await measure('ours-redis', await ours(size, store.url), size)),
      ...(await measure('classic-adapter', await classic(size, store.url), size)),
    ];
    const rows = (of: keyof Figures, least: number) =>
      Object.fromEntries(
        found
          .filter(({ others }) => others >= least)
          .map(({ name, repeats }) => [name, rowOf(repeats.map((figures) => figures[of]))]),
      );
    return {
      'nodes-origin': {
        unit: 'us of CPU a delta, read where it is written, @N nodes',
        rows: rows('origin', 0),
      },
      'nodes-idle': {
        unit: 'us of CPU a delta on a node without a reader, @N nodes',
        rows: rows('idle', 1),
      },
      'nodes-packets': {
        unit: 'messages of rooms a delta to a node without a reader, @N nodes',
        rows: rows('inRooms', 1),
      },
      'nodes-lists': {
        unit: 'other messages an answer to a node without a reader, @N nodes',
        rows: rows('others', 1),
      },
    };
  } finally {
    await store.stop();
    await stopTestPostgres();
  }
}
