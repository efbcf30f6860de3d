import { stopTestPostgres } from '../lab/stores/database.js';
import { type Results, type Row, repeatsOf, rowOf } from './results.js';
import { buildProduct } from './support/build.js';
import { startCountingProxy } from './support/counting-proxy.js';
import { startReaders } from './support/readers.js';
import { startScript } from './support/script.js';
import { findSubjects, type StartSubject } from './support/subjects.js';

/** The bytes that one reader gets for one answer, including headers, acks and frames. */
async function measure(
  url: string,
  program: 'sse' | 'sockets',
  path: string,
  times: number,
): Promise<Row> {
  const proxy = await startCountingProxy(url);
  const readers = await startReaders(program, { CHAT_PATH: path });
  try {
    await readers.prepare(proxy.url, 1);
    const repeats: number[] = [];
    for (let i = 0; i < times; i++) {
      const before = proxy.bytes();
      await readers.read(proxy.url, 1);
      repeats.push(proxy.bytes() - before);
    }
    return rowOf(repeats);
  } finally {
    readers.stop();
    await proxy.stop();
  }
}

async function measureAll(
  subjects: readonly StartSubject[],
  tokens: number,
  times: number,
): Promise<[string, Row][]> {
  const upstream = await startScript('bench/support/upstream.ts', { BENCH_TOKENS: String(tokens) });
  const rows: [string, Row][] = [
    [`upstream@${tokens}`, await measure(upstream.url, 'sse', '/v1/chat/completions', times)],
  ];
  try {
    for (const start of subjects) {
      const subject = await start(upstream.url);
      for (const [row, { url }] of Object.entries(subject.measured)) {
        const program = row.startsWith('ours') ? 'sockets' : 'sse';
        rows.push([`${row}@${tokens}`, await measure(url, program, '/chat', times)]);
      }
      await subject.stop();
    }
    return rows;
  } finally {
    await upstream.stop();
  }
}

/** Bytes on the wire for one answer to one reader, for two lengths of answers: the difference is the cost of tokens. */
export async function bytes(small: boolean): Promise<Results> {
  const lengths = small ? [10] : [100, 1_000];
  const [subjects] = await Promise.all([findSubjects('bytes', small), buildProduct()]);
  try {
    const rows: [string, Row][] = [];
    for (const tokens of lengths) {
      rows.push(...(await measureAll(subjects, tokens, repeatsOf(small))));
    }
    const unit = 'bytes to one reader for an answer of @N tokens of 4 characters';
    return { bytes: { unit, rows: Object.fromEntries(rows) } };
  } finally {
    await stopTestPostgres();
  }
}
