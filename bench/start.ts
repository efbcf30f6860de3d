import { createTestDatabase, stopTestPostgres } from '../lab/stores/database.js';
import { type Results, rowOf } from './results.js';
import { buildProduct } from './support/build.js';
import { startMeasured } from './support/script.js';
import { nodeEnv, PINNED } from './support/subjects.js';

/** A start is short, so three would say little. */
const STARTS = 9;

interface Start {
  listening: number;
  ready: number;
  cpu: number;
}

async function startOnce(env: Record<string, string>): Promise<Start> {
  const from = performance.now();
  const node = await startMeasured('dist/index.js', env, PINNED);
  const listening = performance.now() - from;
  try {
    const { ok } = await fetch(`${node.url}/health/ready`);
    if (!ok) throw new Error('a node that listens is not ready');
    const ready = performance.now() - from;
    return { listening, ready, cpu: (await node.usage()).cpu / 1_000 };
  } finally {
    await node.stop();
  }
}

/**
 * Measures the time from the start of the process, with an existing, migrated database, until it listens and until it
 * is ready.
 */
export async function start(small: boolean): Promise<Results> {
  const [database] = await Promise.all([createTestDatabase(), buildProduct()]);
  const env = nodeEnv(database.url, 'http://127.0.0.1:1');
  const starts: Start[] = [];
  try {
    for (let i = 0; i < (small ? 1 : STARTS); i++) starts.push(await startOnce(env));
  } finally {
    await database.drop();
    await stopTestPostgres();
  }
  const row = (of: keyof Start) => rowOf(starts.map((one) => one[of]));
  return {
    start: { unit: 'ms', rows: { listening: row('listening'), ready: row('ready') } },
    'start-cpu': { unit: 'ms of CPU until it is ready', rows: { ready: row('cpu') } },
  };
}
