import { stopTestPostgres } from '../lab/stores/database.js';
import { type Results, repeatsOf, rowOf } from './results.js';
import { buildProduct, OURS } from './support/build.js';
import { startScript } from './support/script.js';
import { findSubjects, type StartSubject, type Subject } from './support/subjects.js';

/** µs of CPU per token of the model server, by row. */
async function measureOnce(subject: Subject, streams: number, tokens: number) {
  const usages = () =>
    Promise.all(Object.values(subject.measured).map(async (one) => (await one.usage()).cpu));
  const before = await usages();
  await subject.run(streams);
  const after = await usages();
  return after.map((cpu, i) => (cpu - (before[i] ?? 0)) / (streams * tokens));
}

interface Size {
  streams: number;
  tokens: number;
  times: number;
  /** Rounds of short answers before. */
  warm: number;
}

/** The answers are short, so that the code at their beginning and end is fully compiled. */
const WARM = { rounds: 10, tokens: 5 };

/** Sets the number of tokens in the model server's further answers. */
const setLength = (upstreamUrl: string, tokens: number) =>
  fetch(`${upstreamUrl}/${tokens}`, { method: 'PUT' });

async function measure(start: StartSubject, upstreamUrl: string, size: Size) {
  const { streams, tokens, times, warm } = size;
  const subject = await start(upstreamUrl);
  try {
    await subject.prepare(streams);
    await setLength(upstreamUrl, WARM.tokens);
    for (let i = 0; i < warm; i++) await subject.run(streams);
    await setLength(upstreamUrl, tokens);
    await subject.run(streams);
    const repeats: number[][] = [];
    for (let i = 0; i < times; i++) repeats.push(await measureOnce(subject, streams, tokens));
    return Object.keys(subject.measured).map((row, i) => {
      const costs = repeats.map((repeat) => repeat[i] ?? Number.NaN);
      return [row, rowOf(costs)] as const;
    });
  } finally {
    await subject.stop();
  }
}

/** The cost of a token for the process that passes it on, in the whole product and in other architectures. */
export async function tokens(
  small: boolean,
  kinds?: readonly string[],
  times = repeatsOf(small),
  build = OURS,
): Promise<Results> {
  const [streams, length] = small ? [2, 10] : [100, 500];
  const [subjects] = await Promise.all([
    findSubjects('tokens', small, kinds, build),
    buildProduct(),
  ]);
  const upstream = await startScript('bench/support/upstream.ts', {});
  try {
    const rows: Awaited<ReturnType<typeof measure>> = [];
    const size = { streams, tokens: length, times, warm: small ? 1 : WARM.rounds };
    for (const start of subjects) rows.push(...(await measure(start, upstream.url, size)));
    const unit = `us of CPU per token, ${streams} streams of ${length} tokens`;
    return { tokens: { unit, rows: Object.fromEntries(rows) } };
  } finally {
    await upstream.stop();
    await stopTestPostgres();
  }
}
