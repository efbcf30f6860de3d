import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { withKey } from '../../lab/people/keys.js';
import { registerAt } from '../../lab/people/rest.js';
import { createTestDatabase } from '../../lab/stores/database.js';
import { startRedis } from '../../lab/stores/redis.js';
import { type Build, OURS } from './build.js';
import { type ReaderProcess, startReaders } from './readers.js';
import { type Measured, startMeasured } from './script.js';

/** The measured processes, which read streams, and the readers behind them. */
export interface Subject {
  /** Rows of the table, with the process that each measures. */
  measured: Record<string, Measured>;
  /** Prepares this many streams. */
  prepare(streams: number): Promise<void>;
  /** Runs this many streams to their end. */
  run(streams: number): Promise<void>;
  /** Begins this many more, one after another. They need not end. */
  add(streams: number, perSecond: number): Promise<void>;
  /** The p99 of the time between deltas of the running streams, in ms. */
  watch(ms: number): Promise<number>;
  stop(): Promise<void>;
}

export type StartSubject = (upstreamUrl: string) => Promise<Subject>;

const PEERS = fileURLToPath(new URL('../peers/', import.meta.url));
/** The measured process has this processor to itself. Everything else shares the others. */
export const PINNED = { cpu: 0 };

const arePeersThere = () =>
  access(`${PEERS}node_modules`).then(
    () => true,
    () => false,
  );

/** @throws if the peers cannot be installed */
async function installPeers(): Promise<void> {
  console.log('Installing what the benches compare with ...');
  await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: PEERS,
  });
}

const unread = () => Promise.reject(new Error('nobody reads this'));

/** A loop over the model server's streams, without readers. */
const loop =
  (name: string): StartSubject =>
  async (upstreamUrl) => {
    const env = { UPSTREAM_URL: `${upstreamUrl}/v1` };
    const peer = await startMeasured(`bench/peers/${name}.ts`, env, PINNED);
    return {
      measured: { [name]: peer },
      prepare: async () => {},
      async run(streams) {
        const response = await fetch(`${peer.url}/?streams=${streams}`);
        await response.json();
      },
      add: unread,
      watch: unread,
      stop: () => peer.stop(),
    };
  };

/** A server that passes streams on as server-sent events. */
const server =
  (
    file: string,
    client: (upstreamUrl: string) => Record<string, string> = () => ({}),
  ): StartSubject =>
  async (upstreamUrl) => {
    const env = { UPSTREAM_URL: `${upstreamUrl}/v1`, NODE_ENV: 'production' };
    const peer = await startMeasured(`bench/peers/${file}`, env, PINNED);
    const readers = await startReaders('sse', client(upstreamUrl));
    return subject({ [parse(file).name]: peer }, peer.url, readers, async () => {});
  };

const portkeyClient = (upstreamUrl: string) => ({
  CHAT_PATH: '/v1/chat/completions',
  HEADERS: JSON.stringify({
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `${upstreamUrl}/v1`,
    authorization: 'Bearer none',
  }),
});

function subject(
  measured: Record<string, Measured>,
  url: string,
  readers: ReaderProcess,
  stopRest: () => Promise<void>,
): Subject {
  return {
    measured,
    prepare: (streams) => readers.prepare(url, streams),
    run: async (streams) => void (await readers.read(url, streams)),
    add: (streams, perSecond) => readers.add(url, streams, perSecond),
    watch: (ms) => readers.watch(ms),
    async stop() {
      readers.stop();
      await Promise.all(Object.values(measured).map((one) => one.stop()));
      await stopRest();
    },
  };
}

export const nodeEnv = (databaseUrl: string, upstreamUrl: string) => ({
  NODE_ENV: 'test',
  PORT: '0',
  BCRYPT_COST: '4',
  LOG_LEVEL: 'info',
  SECRET_KEY: 'a-secret-for-benches-that-is-long-enough-1',
  REFRESH_SECRET_KEY: 'a-secret-for-benches-that-is-long-enough-2',
  DATABASE_URL: databaseUrl,
  OPENAI_BASE_URL: `${upstreamUrl}/v1`,
  OPENAI_API_KEY: 'none',
  OPENAI_MODEL: 'bench',
  AUTO_TITLE: 'false',
  LIMIT_SCALE: '0',
});

const memory =
  ({ name, program, createDatabase }: Build): StartSubject =>
  async (upstreamUrl) => {
    const database = await createDatabase();
    const node = await startMeasured(program, nodeEnv(database.url, upstreamUrl), PINNED);
    const readers = await startReaders('sockets');
    return subject({ [`${name}-memory`]: node }, node.url, readers, () => database.drop());
  };

/** The endpoint for programs, read in the same way as other gateways. */
const v1: StartSubject = async (upstreamUrl) => {
  const database = await createTestDatabase();
  const node = await startMeasured('dist/index.js', nodeEnv(database.url, upstreamUrl), PINNED);
  const { token } = await withKey(node.url, await registerAt(node.url, 'bench'), ['chat']);
  const readers = await startReaders('sse', {
    CHAT_PATH: '/v1/chat/completions',
    HEADERS: JSON.stringify({ authorization: `Bearer ${token}` }),
  });
  return subject({ 'ours-v1': node }, node.url, readers, () => database.drop());
};

/** Answers are written on one node and read on another, which is measured too. */
const redisPair =
  ({ name, program, createDatabase }: Build): StartSubject =>
  async (upstreamUrl) => {
    const [database, store] = await Promise.all([createDatabase(), startRedis()]);
    const env = { ...nodeEnv(database.url, upstreamUrl), REDIS_URL: store.url };
    const origin = await startMeasured(program, env, PINNED);
    const edge = await startMeasured(program, env, { cpu: 1 });
    const readers = await startReaders('sockets', { ASK_URL: origin.url });
    const measured = { [`${name}-redis-origin`]: origin, [`${name}-redis-edge`]: edge };
    return subject(measured, edge.url, readers, async () => {
      await store.stop();
      await database.drop();
    });
  };

/**
 * Answers are read where they are written: a second node would take the processor of the model server and the
 * readers.
 */
const redisAlone: StartSubject = async (upstreamUrl) => {
  const [database, store] = await Promise.all([createTestDatabase(), startRedis()]);
  const env = { ...nodeEnv(database.url, upstreamUrl), REDIS_URL: store.url };
  const node = await startMeasured('dist/index.js', env, PINNED);
  const readers = await startReaders('sockets');
  return subject({ 'ours-redis-origin': node }, node.url, readers, async () => {
    await store.stop();
    await database.drop();
  });
};

const kindsOf = (build: Build) =>
  ({
    // Loops without readers: no subject can cost less.
    limit: loop('limit'),
    sdk: loop('openai-sdk'),
    memory: memory(build),
    pair: redisPair(build),
    alone: redisAlone,
    v1,
    express: server('express-openai-sse.ts'),
    'ai-sdk': server('express-ai-sdk.mjs'),
    portkey: server('portkey.mjs', portkeyClient),
  }) satisfies Record<string, StartSubject>;

type Kind = keyof ReturnType<typeof kindsOf>;

/** The order is that of the tables. */
const SUBJECTS = {
  bytes: ['memory', 'express', 'ai-sdk'],
  streams: ['memory', 'alone', 'express', 'ai-sdk', 'portkey'],
  tokens: ['limit', 'sdk', 'memory', 'pair', 'v1', 'express', 'ai-sdk', 'portkey'],
} satisfies Record<string, readonly Kind[]>;

/** A quick check of each kind that needs nothing installed. */
const SMALL = {
  bytes: ['memory'],
  streams: ['alone'],
  tokens: ['limit', 'sdk', 'pair', 'v1', 'express'],
} satisfies Record<keyof typeof SUBJECTS, readonly Kind[]>;

/** Subjects that need nothing installed. */
const UNINSTALLED: ReadonlySet<Kind> = new Set<Kind>(['limit', 'memory', 'pair', 'alone', 'v1']);

/** Some subjects only: `BENCH_SUBJECTS=limit,memory npm run bench -- tokens`. */
const CHOSEN = process.env.BENCH_SUBJECTS?.split(',');

/** The subjects of a bench. `small` installs nothing. @throws if the peers cannot be installed */
export async function findSubjects(
  bench: keyof typeof SUBJECTS,
  small: boolean,
  chosen: readonly string[] | undefined = CHOSEN,
  build = OURS,
): Promise<readonly StartSubject[]> {
  const all: readonly Kind[] = (small ? SMALL : SUBJECTS)[bench];
  const kinds = all.filter((kind) => chosen?.includes(kind) ?? true);
  const needsPeers = kinds.some((kind) => !UNINSTALLED.has(kind));
  if (!small && needsPeers && !(await arePeersThere())) await installPeers();
  const subjects = kindsOf(build);
  return kinds.map((kind) => subjects[kind]);
}
