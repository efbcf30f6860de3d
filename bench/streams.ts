import { stopTestPostgres } from '../lab/stores/database.js';
import { type Results, rowOf } from './results.js';
import { buildProduct } from './support/build.js';
import { keepAside } from './support/processors.js';
import { startScript } from './support/script.js';
import { findSubjects, type StartSubject, type Subject } from './support/subjects.js';

/** Readers notice longer pauses than this. */
const MOST_P99_MS = 100;
/** No answer ends during the measurement. */
const ENDLESS = '1000000';

interface Steps {
  step: number;
  most: number;
  watchMs: number;
  /** The number of questions that a process accepts at one moment is another figure: see `latency`. */
  startsPerSecond: number;
}

const STEPS: Steps = { step: 100, most: 1_500, watchMs: 5_000, startsPerSecond: 25 };
const SMALL: Steps = { step: 2, most: 2, watchMs: 500, startsPerSecond: 100 };

/** A disturbance counts only if it repeats. */
async function isSmooth(subject: Subject, watchMs: number): Promise<boolean> {
  for (let tries = 0; tries < 3; tries++) {
    if ((await subject.watch(watchMs)) <= MOST_P99_MS) return true;
  }
  return false;
}

/** Adds streams to the running ones until readers notice. A process that is overloaded may also fail. */
async function mostStreams(subject: Subject, steps: Steps): Promise<number> {
  const { step, most, startsPerSecond, watchMs } = steps;
  let held = 0;
  try {
    await subject.prepare(most);
    while (held < most) {
      await subject.add(step, startsPerSecond);
      if (!(await isSmooth(subject, watchMs))) break;
      held += step;
    }
  } catch (error) {
    console.error(`With ${held + step} streams: ${error}`);
  }
  return held;
}

async function measure(start: StartSubject, steps: Steps) {
  const upstream = await startScript('bench/support/upstream.ts', { BENCH_TOKENS: ENDLESS });
  const subject = await start(upstream.url);
  try {
    const row = Object.keys(subject.measured)[0] ?? '';
    return [row, rowOf([await mostStreams(subject, steps)])] as const;
  } finally {
    // A stopping node waits for its answers.
    await upstream.stop();
    await subject.stop();
  }
}

/**
 * How many streams one process carries before readers notice: adds 100 at a time until the p99 between deltas exceeds
 * 100 ms.
 */
export async function streams(small: boolean): Promise<Results> {
  const steps = small ? SMALL : STEPS;
  const [subjects] = await Promise.all([findSubjects('streams', small), buildProduct()]);
  const free = keepAside();
  try {
    const rows: Awaited<ReturnType<typeof measure>>[] = [];
    for (const start of subjects) rows.push(await measure(start, steps));
    const unit = `streams with a p99 of at most ${MOST_P99_MS} ms between deltas, in steps of ${steps.step}`;
    return { streams: { unit, rows: Object.fromEntries(rows) } };
  } finally {
    free();
    await stopTestPostgres();
  }
}
