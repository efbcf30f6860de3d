import { createTestDatabase, stopTestPostgres } from '../test/support/database.js';
import { type Results, repeatsOf, rowOf } from './results.js';
import { buildProduct } from './support/build.js';
import { startClients } from './support/client-process.js';
import { startMeasured, type Weighed } from './support/script.js';
import { nodeEnv, PINNED } from './support/subjects.js';

interface Sample {
  bytes: number;
  perSecond: number;
}

/** Opens so many sockets, and closes them again. */
async function measureOnce(server: Weighed, count: number, isOurs: boolean): Promise<Sample> {
  const clients = await startClients('crowd');
  try {
    if (isOurs) await clients.order('register', { url: server.url });
    const before = await server.memory();
    const perSecond = await clients.order<number>('connect', { url: server.url, count });
    if (isOurs) await clients.order('openOwn');
    const after = await server.memory();
    await clients.order('close');
    return { perSecond, bytes: (after - before) / count };
  } finally {
    clients.stop();
  }
}

/**
 * A fresh process each time, because memory that was used once is seldom given back. How many it accepts a second it
 * shows the second time, when the first has had everything compiled.
 */
async function measure(
  start: () => Promise<Weighed>,
  count: number,
  isOurs: boolean,
  times: number,
) {
  const samples: Sample[] = [];
  for (let i = 0; i < times; i++) {
    const server = await start();
    try {
      await measureOnce(server, Math.ceil(count / 10), isOurs);
      const { bytes } = await measureOnce(server, count, isOurs);
      const { perSecond } = await measureOnce(server, count, isOurs);
      samples.push({ bytes, perSecond });
    } finally {
      await server.stop();
    }
  }
  return samples;
}

/** Memory of an idle socket, signed in and with a conversation open, and how many are accepted per second. */
export async function sockets(small: boolean): Promise<Results> {
  const [count, times] = [small ? 20 : 3_000, repeatsOf(small)];
  const [database] = await Promise.all([createTestDatabase(), buildProduct()]);
  const env = nodeEnv(database.url, 'http://127.0.0.1:1');
  try {
    const node = () => startMeasured('dist/index.js', env, PINNED);
    const peer = () => startMeasured('bench/peers/bare-socketio.ts', {}, PINNED);
    const ours = await measure(node, count, true, times);
    const bare = await measure(peer, count, false, times);
    const rows = (of: (sample: Sample) => number) => ({
      'ours-memory': rowOf(ours.map(of)),
      'bare-socketio': rowOf(bare.map(of)),
    });
    return {
      'sockets-memory': {
        unit: `KB resident per idle socket, ${count} sockets`,
        rows: rows(({ bytes }) => bytes / 1_024),
      },
      'sockets-handshakes': {
        unit: `sockets accepted per second, ${count} sockets`,
        rows: rows(({ perSecond }) => perSecond),
      },
    };
  } finally {
    await database.drop();
    await stopTestPostgres();
  }
}
