import { type ChildProcess, fork } from 'node:child_process';
import { type Device, openDevice } from '../lab/people/device.js';
import { registerAt } from '../lab/people/rest.js';
import { quantile } from '../lab/quantile.js';
import { createTestDatabase, stopTestPostgres } from '../lab/stores/database.js';
import { type Results, rowOf } from './results.js';
import { askAll, type Sample } from './support/askers.js';
import { buildProduct, runnable } from './support/build.js';
import { FLOODS } from './support/flood-kinds.js';
import { keepAside } from './support/processors.js';
import { type Measured, startMeasured, startScript, type Usage } from './support/script.js';
import { PINNED } from './support/subjects.js';

const ENV = {
  NODE_ENV: 'test',
  PORT: '0',
  BCRYPT_COST: '4',
  SECRET_KEY: 'a-secret-for-benches-that-is-long-enough-1',
  REFRESH_SECRET_KEY: 'a-secret-for-benches-that-is-long-enough-2',
  TRUST_PROXY: 'true',
  REGISTER_PER_MINUTE: '1000',
  AUTO_TITLE: 'false',
};
/** Kinds of floods, separated by commas; by default all: `BENCH_FLOODS=requests npm run bench -- flood`. */
const KINDS = process.env.BENCH_FLOODS?.split(',') ?? Object.keys(FLOODS);
/** No process is kept on a processor, as if everything shared one machine. */
const UNPINNED = process.env.BENCH_UNPINNED !== undefined;

export interface FloodCounts {
  sent: number;
  refused: number;
  dropped: number;
}

interface Stage {
  node: Measured;
  devices: Device[];
  tokens: string[];
}

/** The delays that users saw, and the work of the node's process meanwhile. */
interface Part {
  sample: Sample;
  /** p99 of the delay of the node's timers, in ms. */
  lateMs: number;
  /** Share of one processor. */
  busy: number;
}

/** The first message of the flooder that fits. */
const told = (flooder: ChildProcess, fits: (message: unknown) => boolean) =>
  new Promise<unknown>((resolve, reject) => {
    const end = () => reject(new Error('the flooder ended'));
    const look = (message: unknown) => {
      if (!fits(message)) return;
      flooder.off('message', look).off('exit', end);
      resolve(message);
    };
    flooder.on('message', look).once('exit', end);
  });

async function duringFlood<T>(
  flooder: ChildProcess,
  { node, tokens }: Stage,
  work: () => Promise<T>,
) {
  flooder.send({ url: node.url, tokens, kinds: KINDS });
  await told(flooder, (message) => message === 'refused');
  const result = await work();
  flooder.send('stop');
  const counts = await told(flooder, (message) => typeof message === 'object');
  return { result, counts: counts as FloodCounts };
}

async function watch({ node, devices }: Stage, round: string, times: number): Promise<Part> {
  const before: Usage = await node.usage();
  const begun = performance.now();
  const sample = await askAll(devices, round, times);
  const ms = performance.now() - begun;
  const { cpu, lateMs = Number.NaN } = await node.usage();
  return { sample, lateMs, busy: (cpu - before.cpu) / 1_000 / ms };
}

async function measure(stage: Stage, rounds: number, times: number) {
  const flooder = fork(await runnable('bench/support/flooder.ts'), { execArgv: [] });
  const pairs: { calm: Part; flooded: Part }[] = [];
  let counts: FloodCounts = { sent: 0, refused: 0, dropped: 0 };
  await watch(stage, 'warm-up', 1);
  for (let i = 0; i < rounds; i++) {
    const calm = await watch(stage, `calm-${i}`, times);
    const during = () => watch(stage, `flood-${i}`, times);
    const { result, counts: soFar } = await duringFlood(flooder, stage, during);
    pairs.push({ calm, flooded: result });
    counts = soFar;
  }
  flooder.disconnect();
  return { pairs, counts };
}

async function withStage<T>(users: number, tokens: number, work: (stage: Stage) => Promise<T>) {
  const [database, upstream] = await Promise.all([
    createTestDatabase(),
    startScript('bench/support/upstream.ts', { BENCH_TOKENS: String(tokens) }),
    buildProduct(),
  ]);
  const env = { ...ENV, DATABASE_URL: database.url, OPENAI_BASE_URL: `${upstream.url}/v1` };
  const node = await startMeasured('dist/index.js', env, UNPINNED ? undefined : PINNED);
  try {
    const { url } = node;
    const attackers = KINDS.map((_, i) => registerAt(url, `attacker${i}`));
    const accounts = await Promise.all(attackers);
    const open = async (_: unknown, i: number) =>
      openDevice(url, { token: (await registerAt(url, `user${i}`)).token });
    const devices = await Promise.all(Array.from({ length: users }, open));
    const result = await work({ node, devices, tokens: accounts.map(({ token }) => token) });
    for (const device of devices) device.close();
    return result;
  } finally {
    await node.stop();
    await upstream.stop();
    await database.drop();
  }
}

/** The effects of a flood on users, and the replies that the attackers got. */
export const measureFlood = (small: boolean) =>
  withStage(small ? 3 : 10, small ? 10 : 75, (stage) =>
    measure(stage, small ? 1 : 3, small ? 2 : 10),
  );

/** p99 of users who ask questions, while one client floods the node as fast as it can, and without it. */
export async function flood(small: boolean): Promise<Results> {
  const freed = keepAside();
  try {
    const { pairs } = await measureFlood(small);
    const rows = (of: (part: Part) => number) => ({
      calm: rowOf(pairs.map(({ calm }) => of(calm))),
      flooded: rowOf(pairs.map(({ flooded }) => of(flooded))),
      ratio: rowOf(pairs.map(({ calm, flooded }) => of(flooded) / of(calm))),
    });
    const p99 = (of: keyof Sample) => rows(({ sample }) => quantile(sample[of], 0.99));
    const p50 = (of: keyof Sample) => rows(({ sample }) => quantile(sample[of], 0.5));
    return {
      'flood-start': { unit: 'ms from message:send to the first delta, p99', rows: p99('starts') },
      'flood-start50': {
        unit: 'ms from message:send to the first delta, p50',
        rows: p50('starts'),
      },
      'flood-gap': { unit: 'ms between two deltas, p99', rows: p99('gaps') },
      'flood-late': {
        unit: "ms that the node's timers are late, p99",
        rows: rows((p) => p.lateMs),
      },
      'flood-busy': { unit: 'processors that the node uses', rows: rows((p) => p.busy) },
    };
  } finally {
    await stopTestPostgres();
    freed();
  }
}
