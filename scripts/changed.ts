import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { affectedBy, type Known } from './changes/affected.js';
import { changesOf, type FileChange } from './changes/diff.js';
import { createReach } from './changes/importers.js';
import { hashOf, readRecord } from './mutants/record.js';
import { planOf } from './test-plan.js';

/** Fewer files run one after the other in one process, which starts sooner. */
const SIDE_BY_SIDE = 3;

const git = (...args: string[]): string =>
  execFileSync('git', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
const linesOf = (text: string): string[] => text.split('\n').filter(Boolean);

/** The commit that is compared with: as named, or where this branch left main. */
const baseOf = (revision: string | undefined): string =>
  git('merge-base', 'HEAD', revision ?? 'main').trim();

function changesSince(base: string): FileChange[] {
  const added = linesOf(git('ls-files', '--others', '--exclude-standard'));
  return [
    ...changesOf(git('diff', '--unified=0', '--no-renames', base)),
    ...added.map((file) => ({ file, lines: null })),
  ];
}

function readCode(): Map<string, string> {
  const names = linesOf(
    git('ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'),
  );
  const code = names.filter((name) => /\.[jt]sx?$/.test(name));
  return new Map(
    code.flatMap((name) => {
      try {
        return [[name, readFileSync(name, 'utf8')] as const];
      } catch {
        return []; // Deleted and not yet committed.
      }
    }),
  );
}

async function readRecords(
  tests: readonly string[],
  code: ReadonlyMap<string, string>,
): Promise<Map<string, Known>> {
  const found = await Promise.all(tests.map((test) => readRecord(test)));
  return new Map(
    found.flatMap((record) =>
      record?.isGreen && record.hash === hashOf(code.get(record.test) ?? '')
        ? [[record.test, record] as const]
        : [],
    ),
  );
}

const testsIn = (args: readonly string[]) =>
  planOf(args)
    .runs.flat()
    .filter((arg) => arg.endsWith('.test.ts') || arg.endsWith('.test.tsx'));

/** Tests that read a file which nobody imports name it, or its folder. */
function readersOf(file: string, tests: readonly string[], code: ReadonlyMap<string, string>) {
  const names = [basename(file), ...(dirname(file) === '.' ? [] : [`${dirname(file)}/`])];
  return tests.filter((test) => names.some((name) => code.get(test)?.includes(name)));
}

async function main(revision: string | undefined): Promise<number> {
  const base = baseOf(revision);
  const code = readCode();
  const all = [[], ['--faults'], ['--benches']].flatMap(testsIn);
  const records = await readRecords(all, code);
  const { tests, others } = affectedBy(changesSince(base), {
    tests: all,
    recordOf: (test) => records.get(test) ?? null,
    reach: createReach(code),
    oldText: (file) => git('show', `${base}:${file}`),
    hashOf,
  });
  const readers = new Map(others.map((file) => [file, readersOf(file, all, code)]));
  const chosen = new Set([...tests, ...[...readers.values()].flat()]);
  const unknown = others.filter((file) => readers.get(file)?.length === 0);
  console.log(`${chosen.size} of ${all.length} files of tests, ${records.size} are recorded`);
  if (unknown.length > 0) console.log(`No test names ${unknown.join(', ')}.`);
  if (chosen.size === 0) return 0;
  const workers = chosen.size > SIDE_BY_SIDE ? ['--parallel', '--jobs', '3'] : [];
  const command = ['scripts/test.js', ...workers, ...all.filter((test) => chosen.has(test))];
  const child = spawn(process.execPath, command, { stdio: 'inherit' });
  return new Promise((resolve) => child.on('close', (exit) => resolve(exit ?? 1)));
}

process.exitCode = await main(process.argv[2]);
