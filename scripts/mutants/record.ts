import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Copy } from './copy.js';
import { coverageOf, type Dump, type Steps } from './coverage.js';

/** The results of a file of tests without a mutant. */
export interface TestRecord {
  test: string;
  /** Hash of its text, and of everything that it may run. */
  hash: string;
  tree: string;
  isGreen: boolean;
  seconds: number;
  /** The hash of each source at that time, and the parts of it that ran. */
  sources: Record<string, { hash: string; steps: Steps }>;
}

const CACHE = 'node_modules/.cache/mutants';
/** No file of tests takes as long. */
const LIMIT_MS = 300_000;

export const hashOf = (text: string | Buffer): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 16);

const nameIn = (test: string) => join(CACHE, `${test.replaceAll('/', '--')}.json`);

/** Hashes everything that tests run. With the same hash a record tells how they would end now. */
export async function treeHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const directory of ['src', 'lab', 'migrations', 'test/support']) {
    const names = (await readdir(directory, { recursive: true })).filter((name) =>
      /\.[a-z]+$/.test(name),
    );
    for (const name of names.sort()) hash.update(name).update(readFileSync(join(directory, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

export async function readRecord(test: string): Promise<TestRecord | null> {
  const text = await readFile(nameIn(test), 'utf8').catch(() => null);
  return text === null ? null : JSON.parse(text);
}

function* dumpsIn(directory: string, names: readonly string[]): Generator<Dump> {
  for (const name of names) yield JSON.parse(readFileSync(join(directory, name), 'utf8'));
}

/** Runs one file of tests in a copy, and keeps what it executed. */
export async function record(copy: Copy, test: string, tree: string): Promise<TestRecord> {
  const directory = join(copy.root, '..', 'coverage');
  await mkdir(directory);
  const { end, seconds } = await copy.run(test, { limitMs: LIMIT_MS, coverage: directory });
  const texts = new Map<string, string>();
  const sourceOf = (file: string) => {
    const text = texts.get(file) ?? readFileSync(join(copy.root, file), 'utf8');
    texts.set(file, text);
    return text;
  };
  const dumps = dumpsIn(directory, await readdir(directory));
  const covered = coverageOf(dumps, pathToFileURL(`${copy.root}/`).href, sourceOf);
  await rm(directory, { recursive: true });
  const sources = [...covered].map(
    ([file, steps]) => [file, { hash: hashOf(sourceOf(file)), steps }] as const,
  );
  const result: TestRecord = {
    ...{ test, tree, seconds, isGreen: end === 'passed' },
    hash: hashOf(readFileSync(test)),
    sources: Object.fromEntries(sources),
  };
  await mkdir(CACHE, { recursive: true });
  await writeFile(nameIn(test), JSON.stringify(result));
  return result;
}
