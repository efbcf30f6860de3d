import { stopTestPostgres } from '../test/support/database.js';
import { type Results, rowOf } from './results.js';
import { buildProduct } from './support/build.js';
import { startScript } from './support/script.js';
import { findSubjects, type StartSubject, type Subject } from './support/subjects.js';

/** A reader notices longer pauses than this. */
const MOST_P99_MS = 100;
const STEP = 100;
const MOST_STREAMS = 1_000;
/** What a process holds is one thing, and how many questions it takes in at the same moment another: see `latency`. */
const STARTS_PER_SECOND = 50;
/** The last of the most begins two seconds before the first ends, at 50 tokens a second. */
const TOKENS = 1_100;

/** A stumble counts only when it comes again; one that is too much for a process may as well fail there. */
async function holds(subject: Subject, streams: number, startsPerSecond: number): Promise<boolean> {
  const spreadMs = (streams / startsPerSecond) * 1_000;
  await subject.prepare(streams);
  for (let tries = 0; tries < 2; tries++) {
    const p99 = await subject.run(streams, spreadMs).catch(() => null);
    if (p99 !== null && p99 <= MOST_P99_MS) return true;
  }
  return false;
}

interface Search {
  step: number;
  most: number;
  /** Infinity: all at once. */
  startsPerSecond: number;
}

/** Doubles until it breaks, then halves the gap. Answers a multiple of `step`. */
async function mostStreams(
  subject: Subject,
  { step, most, startsPerSecond }: Search,
): Promise<number> {
  let held = 0;
  let broken = most + step;
  for (
    let streams = step;
    streams < broken && streams <= most;
    streams = next(held, broken, step)
  ) {
    if (await holds(subject, streams, startsPerSecond)) held = streams;
    else broken = streams;
    if (broken - held <= step) break;
  }
  return held;
}

function next(held: number, broken: number, step: number): number {
  const doubled = held * 2;
  if (doubled < broken) return doubled;
  return Math.max(held + step, Math.round((held + broken) / 2 / step) * step);
}

async function measure(start: StartSubject, upstreamUrl: string, search: Search) {
  const subject = await start(upstreamUrl);
  try {
    await subject.prepare(search.step);
    await subject.run(search.step);
    return [Object.keys(subject.measured)[0] ?? '', await mostStreams(subject, search)] as const;
  } finally {
    await subject.stop();
  }
}

/** How many streams one process carries before readers notice: doubled until, while all run, the p99 between deltas is over 100 ms. */
export async function streams(small: boolean): Promise<Results> {
  const search = small
    ? { step: 2, most: 2, startsPerSecond: Number.POSITIVE_INFINITY }
    : { step: STEP, most: MOST_STREAMS, startsPerSecond: STARTS_PER_SECOND };
  const length = small ? 10 : TOKENS;
  const [subjects] = await Promise.all([findSubjects('streams', small), buildProduct()]);
  const upstream = await startScript('bench/support/upstream.ts', { BENCH_TOKENS: String(length) });
  try {
    const rows: [string, ReturnType<typeof rowOf>][] = [];
    for (const start of subjects) {
      const [row, held] = await measure(start, upstream.url, search);
      rows.push([row, rowOf([held])]);
    }
    const unit = `streams with a p99 of at most ${MOST_P99_MS} ms between deltas, in steps of ${search.step}`;
    return { streams: { unit, rows: Object.fromEntries(rows) } };
  } finally {
    await upstream.stop();
    await stopTestPostgres();
  }
}
