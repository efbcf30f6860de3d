import { readFile } from 'node:fs/promises';
import { createChoice, type Users } from './choice.js';
import type { Copy } from './copy.js';
import { applied, type Mutant } from './mutants.js';
import { hashOf, readRecord, record, type TestRecord } from './record.js';
import { describeResult, isKilled, type Result } from './report.js';

/** A mutant that makes tests slower than this is killed. */
const limitOf = ({ seconds }: TestRecord) => 20_000 + 4_000 * seconds;
const STEP = 20;
/** A mutant of a file below this may damage the Postgres that the file should start. */
const STARTS_POSTGRES = 'src/adapters/postgres/embedded/';

/** Each copy takes the next item when it has ended one. Results are in the order of the items. */
export async function inCopies<T, R>(
  copies: readonly Copy[],
  items: readonly T[],
  work: (copy: Copy, item: T) => Promise<R>,
): Promise<R[]> {
  const queue = items.entries();
  const results: R[] = [];
  const take = async (copy: Copy) => {
    for (const [index, item] of queue) results[index] = await work(copy, item);
  };
  await Promise.all(copies.map(take));
  return results;
}

async function currentRecord(test: string): Promise<TestRecord | null> {
  const known = await readRecord(test);
  const isCurrent = known?.isGreen && known.hash === hashOf(await readFile(test));
  return isCurrent ? known : null;
}

async function recordAll(copies: readonly Copy[], tests: readonly string[], tree: string) {
  let done = 0;
  return inCopies(copies, tests, async (copy, test) => {
    const result = await record(copy, test, tree);
    done += 1;
    const how = result.isGreen ? `${result.seconds.toFixed(1)} s` : 'red, not used';
    console.log(`recorded ${done} of ${tests.length}: ${test}, ${how}`);
    return result;
  });
}

/** The parts that every file of tests executes, as far as they are recorded. */
export async function recordsOf(
  copies: readonly Copy[],
  tests: readonly string[],
  tree: string,
): Promise<TestRecord[]> {
  const known = new Map<string, TestRecord>();
  for (const test of tests) {
    const current = await currentRecord(test);
    if (current) known.set(test, current);
  }
  const missing = tests.filter((test) => !known.has(test));
  const fresh = await recordAll(copies, missing, tree);
  return [...known.values(), ...fresh];
}

/** Chosen tests that were recorded with other sources are run again: a red one would kill everything. */
async function confirmed(
  copies: readonly Copy[],
  records: readonly TestRecord[],
  chosen: Iterable<TestRecord>,
  tree: string,
): Promise<TestRecord[]> {
  const old = new Set([...chosen].filter((one) => one.tree !== tree).map(({ test }) => test));
  const fresh = await recordAll(copies, [...old], tree);
  return [...records.filter(({ test }) => !old.has(test)), ...fresh];
}

async function tryOut(copy: Copy, mutant: Mutant, records: readonly TestRecord[]): Promise<Result> {
  const tests: string[] = [];
  const alone = mutant.file.startsWith(STARTS_POSTGRES);
  for (const known of records) {
    tests.push(known.test);
    const { end } = await copy.run(known.test, { limitMs: limitOf(known), alone });
    if (end === 'failed') return { mutant, end: 'killed', tests };
    if (end === 'timed out') return { mutant, end, tests };
  }
  return { mutant, end: tests.length > 0 ? 'survived' : 'no test', tests };
}

export interface Work {
  copies: readonly Copy[];
  mutants: readonly Mutant[];
  tests: readonly string[];
  /** Tests that are tried on one mutant. */
  most: number;
  /** The texts of all sources, by file. */
  sources: ReadonlyMap<string, string>;
  users: Users;
  tree: string;
  onResult: (result: Result) => void;
}

export async function runMutants(work: Work): Promise<void> {
  const { copies, mutants, most, sources, users, tree } = work;
  const hashes = new Map([...sources].map(([file, text]) => [file, hashOf(text)]));
  const records = await recordsOf(copies, work.tests, tree);
  const first = mutants.flatMap(createChoice(most, records, hashes, users));
  const green = await confirmed(copies, records, first, tree);
  const choose = createChoice(most, green, hashes, users);
  let done = 0;
  await inCopies(copies, mutants, async (copy, mutant) => {
    const text = applied(mutant, sources.get(mutant.file) ?? '');
    const result = await copy.changed(mutant.file, text, () =>
      tryOut(copy, mutant, choose(mutant)),
    );
    work.onResult(result);
    if (!isKilled(result)) console.log(describeResult(result));
    done += 1;
    if (done % STEP === 0) console.log(`${done} of ${mutants.length}`);
  });
}
