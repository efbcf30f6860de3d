import { setTimeout } from 'node:timers/promises';
import { stopTestPostgres } from '../lab/stores/database.js';
import { startNchan } from './peers/nchan.js';
import { type Results, type Row, repeatsOf, rowOf } from './results.js';
import { type Build, buildProduct, OURS } from './support/build.js';
import { type ClientProcess, startClients } from './support/client-process.js';
import { type Measured, startMeasured, startScript } from './support/script.js';
import { nodeEnv, PINNED } from './support/subjects.js';

/** The product's flush interval. */
const EVERY_MS = 30;
const TOKEN_MS = 20;

/** Makes the server send events to the room, and resolves when it has. */
type Tell = (server: Measured, clients: ClientProcess) => Promise<void>;

async function measureOnce(server: Measured, clients: ClientProcess, tell: Tell): Promise<number> {
  const [before, had] = [await server.usage(), await clients.order<number>('events')];
  await tell(server, clients);
  const [after, got] = [await server.usage(), await clients.order<number>('events')];
  return ((got - had) * 1e6) / (after.cpu - before.cpu);
}

/** A server, its clients, and how they become readers. */
interface Subject {
  server: Measured;
  program: 'crowd' | 'subscribers';
  tell: Tell;
  logsIn?: boolean;
}

interface Size {
  readers: number;
  events: number;
  times: number;
}

async function measure({ server, program, tell, logsIn = false }: Subject, size: Size) {
  const clients = await startClients(program);
  try {
    if (logsIn) await clients.order('register', { url: server.url, users: 1 });
    await clients.order('connect', { url: server.url, count: size.readers });
    if (logsIn) await clients.order('openOne');
    await measureOnce(server, clients, tell);
    const repeats: number[] = [];
    for (let i = 0; i < size.times; i++) repeats.push(await measureOnce(server, clients, tell));
    return rowOf(repeats);
  } finally {
    clients.stop();
    await server.stop();
  }
}

const PEER_DELTA = JSON.stringify([
  'message:delta',
  { conversation_id: 1, message_id: 2, attempt: 1, seq: 1, text: 'abc abc ' },
]);

/** Posts one event after another, each at its time. */
const post =
  ({ readers, events }: Size): Tell =>
  async ({ url }, clients) => {
    const had = await clients.order<number>('events');
    const begun = performance.now();
    for (let i = 0; i < events; i++) {
      await setTimeout(Math.max(0, begun + i * EVERY_MS - performance.now()));
      await fetch(`${url}/pub`, { method: 'POST', body: `42${PEER_DELTA}` });
    }
    await clients.order('until', { count: had + readers * events });
  };

async function measurePeers(size: Size): Promise<[string, Row][]> {
  const burst: Tell = async ({ url }) => {
    await fetch(`${url}/?events=${size.events}&every=${EVERY_MS}`, { method: 'POST' });
  };
  const bare = await startMeasured('bench/peers/bare-socketio.ts', {}, PINNED);
  const rows: [string, Row][] = [
    ['bare-socketio', await measure({ server: bare, program: 'crowd', tell: burst }, size)],
  ];
  const nchan = await startNchan(PINNED);
  if (!nchan) console.log('nchan is not installed (nginx with libnginx-mod-nchan)');
  else {
    const subject: Subject = { server: nchan, program: 'subscribers', tell: post(size) };
    rows.push(['nchan', await measure(subject, size)]);
  }
  return rows;
}

async function measureOurs(size: Size, tokens: number, build: Build): Promise<Row> {
  const [database, upstream] = await Promise.all([
    build.createDatabase(),
    startScript('bench/support/upstream.ts', { BENCH_TOKENS: String(tokens) }),
    buildProduct(),
  ]);
  try {
    const env = nodeEnv(database.url, upstream.url);
    const server = await startMeasured(build.program, env, PINNED);
    const tell: Tell = (_, clients) => clients.order('ask');
    return await measure({ server, program: 'crowd', tell, logsIn: true }, size);
  } finally {
    await upstream.stop();
    await database.drop();
    await stopTestPostgres();
  }
}

/** One conversation with many readers: deliveries per second of the server's CPU. */
export async function fanOut(
  small: boolean,
  times = repeatsOf(small),
  build = OURS,
): Promise<Results> {
  const [readers, tokens] = small ? [10, 20] : [1_000, 300];
  const events = Math.round((tokens * TOKEN_MS) / EVERY_MS);
  const size = { readers, events, times };
  const own = await measureOurs(size, tokens, build);
  // The peers need no second measurement when two builds are compared.
  const peers = build === OURS ? await measurePeers(size) : [];
  const rows = Object.fromEntries([[`${build.name}-memory`, own], ...peers]);
  const unit = `deliveries per second of CPU, ${readers} readers of one conversation`;
  return { 'fan-out': { unit, rows } };
}
