import { createTestDatabase, stopTestPostgres } from '../lab/stores/database.js';
import { type Results, repeatsOf, rowOf } from './results.js';
import { buildProduct } from './support/build.js';
import { type ClientProcess, startClients } from './support/client-process.js';
import { startMeasured, type Weighed } from './support/script.js';
import { nodeEnv, PINNED } from './support/subjects.js';

interface Kind {
  start(): Promise<Weighed>;
  /** Gives clients their credentials. */
  logIn(clients: ClientProcess, url: string): Promise<void>;
  /** Opens a conversation for each socket, if the server has conversations. */
  open(clients: ClientProcess): Promise<void>;
}

interface Size {
  /** Sockets at a time. */
  count: number;
  /** Rounds that do not count; 0: no warm-up. */
  warm: number;
  /** Rounds that count. */
  times: number;
}

interface Handshakes {
  perSecond: number;
  /** The server's CPU per handshake, in µs. */
  cpu: number;
}

const PEER = 'bench/peers/bare-socketio.ts';
const SECRET_KEY = 'a-secret-for-benches-that-is-long-enough-3';
const nothing = async () => {};

const kindsFor = (databaseUrl: string) =>
  ({
    'ours-memory': {
      start: () =>
        startMeasured('dist/index.js', nodeEnv(databaseUrl, 'http://127.0.0.1:1'), PINNED),
      logIn: (clients, url) => clients.order('register', { url }),
      open: (clients) => clients.order('openOwn'),
    },
    'bare-socketio': {
      start: () => startMeasured(PEER, {}, PINNED),
      logIn: nothing,
      open: nothing,
    },
    'bare-socketio-jwt': {
      start: () => startMeasured(PEER, { SECRET_KEY }, PINNED),
      logIn: (clients) => clients.order('sign', { secret: SECRET_KEY }),
      open: nothing,
    },
  }) satisfies Record<string, Kind>;

/** The clients end afterwards. */
async function withClients<T>(
  kind: Kind,
  { url }: Weighed,
  work: (clients: ClientProcess) => Promise<T>,
): Promise<T> {
  const clients = await startClients('crowd');
  try {
    await kind.logIn(clients, url);
    const result = await work(clients);
    await clients.order('close');
    return result;
  } finally {
    clients.stop();
  }
}

/** Resident bytes per socket. */
const weigh = (kind: Kind, server: Weighed, count: number): Promise<number> =>
  withClients(kind, server, async (clients) => {
    const before = await server.memory();
    await clients.order('connect', { url: server.url, count });
    await kind.open(clients);
    return ((await server.memory()) - before) / count;
  });

/** Uses a fresh process each time, because used memory is seldom returned. */
async function weights(kind: Kind, { count, warm, times }: Size): Promise<number[]> {
  const samples: number[] = [];
  for (let i = 0; i < times; i++) {
    const server = await kind.start();
    try {
      if (warm > 0) await weigh(kind, server, Math.ceil(count / 10));
      samples.push(await weigh(kind, server, count));
    } finally {
      await server.stop();
    }
  }
  return samples;
}

const shakeHands = (kind: Kind, server: Weighed, count: number): Promise<Handshakes> =>
  withClients(kind, server, async (clients) => {
    const before = await server.usage();
    const perSecond = await clients.order<number>('connect', { url: server.url, count });
    const after = await server.usage();
    return { perSecond, cpu: (after.cpu - before.cpu) / count };
  });

/**
 * The programs take turns, so that all get the machine at its worst and its best. The first rounds, which compile code,
 * do not count.
 */
async function handshakes(
  kinds: Record<string, Kind>,
  { count, warm, times }: Size,
): Promise<Map<string, Handshakes[]>> {
  const samples = new Map<string, Handshakes[]>();
  const servers: [string, Kind, Weighed][] = [];
  try {
    for (const [name, kind] of Object.entries(kinds)) {
      servers.push([name, kind, await kind.start()]);
    }
    for (let i = 0; i < warm + times; i++) {
      for (const [name, kind, server] of servers) {
        const sample = await shakeHands(kind, server, count);
        if (i >= warm) samples.set(name, [...(samples.get(name) ?? []), sample]);
      }
    }
    return samples;
  } finally {
    await Promise.all(servers.map(([, , server]) => server.stop()));
  }
}

/** Memory of an idle socket, logged in and with an open conversation, and the cost of accepting one. */
export async function sockets(small: boolean): Promise<Results> {
  const size: Size = small ? { count: 20, warm: 0, times: 1 } : { count: 3_000, warm: 4, times: 5 };
  const [database] = await Promise.all([createTestDatabase(), buildProduct()]);
  try {
    const kinds = kindsFor(database.url);
    const memory: Results[string]['rows'] = {};
    for (const name of ['ours-memory', 'bare-socketio'] as const) {
      const samples = await weights(kinds[name], { ...size, times: repeatsOf(small) });
      memory[name] = rowOf(samples.map((bytes) => bytes / 1_024));
    }
    const accepted = await handshakes(kinds, size);
    const rows = (of: (sample: Handshakes) => number) =>
      Object.fromEntries([...accepted].map(([name, all]) => [name, rowOf(all.map(of))]));
    return {
      'sockets-memory': {
        unit: `KB resident per idle socket, ${size.count} sockets`,
        rows: memory,
      },
      'sockets-handshakes': {
        unit: `sockets accepted per second, ${size.count} sockets`,
        rows: rows(({ perSecond }) => perSecond),
      },
      'sockets-handshake-cpu': {
        unit: 'µs of CPU of the server per socket accepted',
        rows: rows(({ cpu }) => cpu),
      },
    };
  } finally {
    await database.drop();
    await stopTestPostgres();
  }
}
