import { createTestDatabase, stopTestPostgres } from '../test/support/database.js';
import { type Results, repeatsOf, rowOf } from './results.js';
import { buildProduct } from './support/build.js';
import { type ClientProcess, startClients } from './support/client-process.js';
import { type Measured, startMeasured, startScript } from './support/script.js';
import { nodeEnv, PINNED } from './support/subjects.js';

/** As often as the product flushes. */
const EVERY_MS = 30;

/** Makes the server tell the room something, and resolves when that is over. */
type Tell = (server: Measured, clients: ClientProcess) => Promise<void>;

async function measureOnce(server: Measured, clients: ClientProcess, tell: Tell): Promise<number> {
  const [before, had] = [await server.usage(), await clients.order<number>('events')];
  await tell(server, clients);
  const [after, got] = [await server.usage(), await clients.order<number>('events')];
  return ((got - had) * 1e6) / (after.cpu - before.cpu);
}

interface Size {
  readers: number;
  times: number;
}

async function measure(server: Measured, { readers, times }: Size, ours: boolean, tell: Tell) {
  const clients = await startClients('crowd');
  try {
    if (ours) await clients.order('register', { url: server.url });
    await clients.order('connect', { url: server.url, count: readers });
    if (ours) await clients.order('openOne');
    await measureOnce(server, clients, tell);
    const repeats: number[] = [];
    for (let i = 0; i < times; i++) repeats.push(await measureOnce(server, clients, tell));
    return rowOf(repeats);
  } finally {
    clients.stop();
    await server.stop();
  }
}

/** One conversation with many readers: deliveries for every second of the server's CPU. */
export async function fanOut(small: boolean): Promise<Results> {
  const [readers, tokens] = small ? [10, 20] : [1_000, 300];
  const size = { readers, times: repeatsOf(small) };
  const [database, upstream] = await Promise.all([
    createTestDatabase(),
    startScript('bench/support/upstream.ts', { BENCH_TOKENS: String(tokens) }),
    buildProduct(),
  ]);
  const askAll: Tell = (_, clients) => clients.order('ask');
  const burst: Tell = async (server) => {
    const events = Math.round((tokens * 20) / EVERY_MS);
    await fetch(`${server.url}/?events=${events}&every=${EVERY_MS}`, { method: 'POST' });
  };
  try {
    const node = await startMeasured('dist/index.js', nodeEnv(database.url, upstream.url), PINNED);
    const ours = await measure(node, size, true, askAll);
    const peer = await startMeasured('bench/peers/bare-socketio.ts', {}, PINNED);
    const bare = await measure(peer, size, false, burst);
    const unit = `deliveries per second of CPU, ${readers} readers of one conversation`;
    return { 'fan-out': { unit, rows: { 'ours-memory': ours, 'bare-socketio': bare } } };
  } finally {
    await upstream.stop();
    await database.drop();
    await stopTestPostgres();
  }
}
