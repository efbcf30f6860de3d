import { randomInt } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Copy, createCopy } from './mutants/copy.js';
import { type Mutant, mutantsOf } from './mutants/mutants.js';
import { treeHash } from './mutants/record.js';
import {
  describeResult,
  GOAL,
  isKilled,
  type Report,
  type Result,
  readLast,
  shareKilled,
  totalLine,
  writeLast,
} from './mutants/report.js';
import { runMutants } from './mutants/run.js';
import { sampleOf } from './mutants/sample.js';
import { createUsers } from './mutants/users.js';
import { planOf } from './test-plan.js';

const USAGE = `Usage: npm run mutants -- <count> [source files or directories] [options]
  --seed WORD      takes the same sample again
  --again          takes those of the last run that survived or were not tried
  --tests PATH     uses these tests, a file or a directory; may be repeated
  --most N         tries so many tests on a mutant (6)
  --jobs N         runs so many at once (2)`;

const SOURCES = ['src/domain', 'src/client', 'src/adapters'];
const TESTS = ['unit', 'integration', 'security', 'conformance', 'cluster'].map(
  (name) => `test/${name}`,
);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    again: { type: 'boolean', default: false },
    tests: { type: 'string', multiple: true, default: TESTS },
    most: { type: 'string', default: '6' },
    jobs: { type: 'string', default: '2' },
  },
});

async function readSources(): Promise<Map<string, string>> {
  const names = (await readdir('src', { recursive: true })).filter((name) => name.endsWith('.ts'));
  const files = names.map((name) => join('src', name)).sort();
  const texts = files.map(async (file) => [file, await readFile(file, 'utf8')] as const);
  return new Map(await Promise.all(texts));
}

function allMutants(sources: ReadonlyMap<string, string>, paths: readonly string[]): Mutant[] {
  const isWanted = (file: string) => paths.some((path) => `${file}/`.startsWith(join(path, '/')));
  return [...sources].flatMap(([file, text]) => (isWanted(file) ? mutantsOf(file, text) : []));
}

/** The mutants to try, and the records about them. */
async function pick(all: readonly Mutant[], count: number): Promise<Report> {
  if (values.again) {
    const last = await readLast();
    const known = new Map(all.map((mutant) => [mutant.id, mutant]));
    // The mutant's position may have moved. Without a position, its code has changed.
    const results = last.results.flatMap((result) => {
      const mutant = known.get(result.mutant.id);
      return mutant ? [{ ...result, mutant }] : [];
    });
    return { ...last, results };
  }
  const seed = values.seed ?? String(randomInt(1_000_000));
  const mutants = sampleOf(all, count, seed);
  return { seed, results: mutants.map((mutant) => ({ mutant, end: 'not tried', tests: [] })) };
}

async function prepare(jobs: number): Promise<Copy[]> {
  const { ensureServices } = await import('./services.js');
  const { buildStale } = await import('./build.js');
  await ensureServices();
  await buildStale();
  return Promise.all(Array.from({ length: jobs }, (_, i) => createCopy(process.cwd(), String(i))));
}

async function main(count: number, paths: readonly string[]): Promise<boolean> {
  const sources = await readSources();
  const all = allMutants(sources, paths);
  const report = await pick(all, count);
  const { seed, results } = report;
  const mutants = results.filter((one) => !isKilled(one)).map(({ mutant }) => mutant);
  console.log(`${mutants.length} of ${all.length} mutants, seed ${seed}`);
  const tests = planOf(values.tests)
    .runs.flat()
    .filter((arg) => /\.test\.tsx?$/.test(arg));
  const copies = await prepare(Number(values.jobs));
  try {
    const tree = await treeHash();
    const users = createUsers(sources);
    const onResult = (fresh: Result) => {
      results[results.findIndex(({ mutant }) => mutant.id === fresh.mutant.id)] = fresh;
      writeLast(report);
    };
    const most = Number(values.most);
    await runMutants({ copies, mutants, tests, most, sources, users, tree, onResult });
  } finally {
    await Promise.all(copies.map((copy) => copy.remove()));
  }
  const left = results.filter((one) => !isKilled(one));
  for (const result of left) console.log(`\n${describeResult(result)}`);
  console.log(`\n${totalLine(results)}`);
  return shareKilled(results) >= GOAL;
}

const isCount = (text: string) => /^\d+$/.test(text);
const [count = values.again ? '0' : '', ...paths] = positionals;
if (![count, values.jobs, values.most].every(isCount)) {
  console.error(USAGE);
  process.exit(1);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
process.exit((await main(Number(count), paths.length > 0 ? paths : SOURCES)) ? 0 : 1);
