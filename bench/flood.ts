import { type ChildProcess, fork } from 'node:child_process';
import { createTestDatabase, stopTestPostgres } from '../test/support/database.js';
import { type Device, openDevice } from '../test/support/device.js';
import { startProduct } from '../test/support/process.js';
import { registerAt } from '../test/support/rest.js';
import { quantile, type Results, rowOf } from './results.js';
import { FLOODS } from './support/flood-kinds.js';
import { startScript } from './support/script.js';

const ENV = {
  SECRET_KEY: 'a-secret-for-benches-that-is-long-enough-1',
  REFRESH_SECRET_KEY: 'a-secret-for-benches-that-is-long-enough-2',
  TRUST_PROXY: 'true',
  REGISTER_PER_MINUTE: '1000',
};

export interface FloodCounts {
  sent: number;
  refused: number;
  dropped: number;
}

/** Milliseconds that readers waited. */
interface Sample {
  /** From `message:send` to the first delta. */
  starts: number[];
  /** Between two deltas. */
  gaps: number[];
}

interface Stage {
  url: string;
  devices: Device[];
  tokens: string[];
}

/** One question, and when each piece of its answer came. */
async function ask(device: Device, round: string, sample: Sample): Promise<void> {
  const asked = performance.now();
  const times: number[] = [];
  const note = () => times.push(performance.now());
  device.socket.on('message:delta', note);
  const sent = await device.ask('message:send', { client_id: round, content: 'q' });
  await device.ended(sent.assistant_message.id);
  device.socket.off('message:delta', note);
  sample.starts.push((times[0] ?? Number.NaN) - asked);
  for (const [i, time] of times.slice(1).entries()) sample.gaps.push(time - (times[i] ?? time));
}

async function askAll({ devices }: Stage, round: string, times: number): Promise<Sample> {
  const sample: Sample = { starts: [], gaps: [] };
  const user = async (device: Device, n: number) => {
    for (let i = 0; i < times; i++) await ask(device, `${round}-${n}-${i}`, sample);
  };
  await Promise.all(devices.map(user));
  return sample;
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
  { url, tokens }: Stage,
  work: () => Promise<T>,
) {
  flooder.send({ url, tokens });
  await told(flooder, (message) => message === 'refused');
  const result = await work();
  flooder.send('stop');
  const counts = await told(flooder, (message) => typeof message === 'object');
  return { result, counts: counts as FloodCounts };
}

async function measure(stage: Stage, rounds: number, times: number) {
  const flooder = fork('bench/support/flooder.ts', { execArgv: ['--import', 'tsx'] });
  const pairs: { calm: Sample; flooded: Sample }[] = [];
  let counts: FloodCounts = { sent: 0, refused: 0, dropped: 0 };
  await askAll(stage, 'warm-up', 1);
  for (let i = 0; i < rounds; i++) {
    const calm = await askAll(stage, `calm-${i}`, times);
    const during = () => askAll(stage, `flood-${i}`, times);
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
  ]);
  const product = await startProduct({
    ...ENV,
    DATABASE_URL: database.url,
    OPENAI_BASE_URL: `${upstream.url}/v1`,
  });
  try {
    const { url } = product;
    const attackers = Object.keys(FLOODS).map((_, i) => registerAt(url, `attacker${i}`));
    const accounts = await Promise.all(attackers);
    const open = async (_: unknown, i: number) =>
      openDevice(url, { token: (await registerAt(url, `user${i}`)).token });
    const devices = await Promise.all(Array.from({ length: users }, open));
    const result = await work({ url, devices, tokens: accounts.map(({ token }) => token) });
    for (const device of devices) device.close();
    return result;
  } finally {
    await product.stop();
    await upstream.stop();
    await database.drop();
  }
}

/** What users notice of a flood, and what the attackers got. */
export const measureFlood = (small: boolean) =>
  withStage(small ? 3 : 10, small ? 10 : 75, (stage) =>
    measure(stage, small ? 1 : 3, small ? 2 : 6),
  );

/** p99 of users who ask questions while one client pours everything over the node that it can, and while it does not. */
export async function flood(small: boolean): Promise<Results> {
  const { pairs } = await measureFlood(small);
  const rows = (of: keyof Sample) => {
    const p99 = (sample: Sample) => quantile(sample[of], 0.99);
    return {
      calm: rowOf(pairs.map(({ calm }) => p99(calm))),
      flooded: rowOf(pairs.map(({ flooded }) => p99(flooded))),
      ratio: rowOf(pairs.map(({ calm, flooded }) => p99(flooded) / p99(calm))),
    };
  };
  await stopTestPostgres();
  return {
    'flood-start': { unit: 'ms from message:send to the first delta, p99', rows: rows('starts') },
    'flood-gap': { unit: 'ms between two deltas, p99', rows: rows('gaps') },
  };
}
