import { stopTestPostgres } from '../test/support/database.js';
import { type Results, rowOf } from './results.js';
import { buildProduct } from './support/build.js';
import { startScript } from './support/script.js';
import { findSubjects, type StartSubject, type Subject } from './support/subjects.js';

/** A reader notices longer pauses than this. */
const MOST_P99_MS = 100;
const STEP = 100;
const MOST_STREAMS = 2_000;
/** What a process holds is one thing, and how many questions it takes in at the same moment another: see `latency`. */
const SPREAD_MS = 6_000;

/** A stumble counts only when it comes again. */
async function holds(subject: Subject, streams: number, spreadMs: number): Promise<boolean> {
  await subject.prepare(streams);
  for (let tries = 0; tries < 2; tries++) {
    if ((await subject.run(streams, spreadMs)) <= MOST_P99_MS) return true;
  }
  return false;
}

interface Search {
  step: number;
  most: number;
  spreadMs: number;
}

/** Doubles until it breaks, then halves the gap. Answers a multiple of `step`. */
async function mostStreams(subject: Subject, { step, most, spreadMs }: Search): Promise<number> {
  let held = 0;
  let broken = most + step;
  for (
    let streams = step;
    streams < broken && streams <= most;
    streams = next(held, broken, step)
  ) {
    if (await holds(subject, streams, spreadMs)) held = streams;
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
    ? { step: 2, most: 2, spreadMs: 0 }
    : { step: STEP, most: MOST_STREAMS, spreadMs: SPREAD_MS };
  const length = small ? 10 : 600;
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
