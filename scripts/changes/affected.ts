import { countAt, lineLengths, type Steps } from '../mutants/coverage.js';
import type { FileChange } from './diff.js';

/** The record of a file of tests: the parts that it executed of each source, in the text with that hash. */
export interface Known {
  hash: string;
  sources: Record<string, { hash: string; steps: Steps }>;
}

/** Everything that decides which tests a change may break. */
export interface Grounds {
  tests: readonly string[];
  /** Null: the test was not recorded, or has changed since. */
  recordOf(test: string): Known | null;
  reach(from: string): ReadonlySet<string>;
  /** The text of the file before the change. */
  oldText(file: string): string;
  hashOf(text: string): string;
}

/** The page is built, so tests of the browser import nothing of it. */
const PAGE = /^(?:src\/web|public)\//;
const IN_BROWSER = 'test/browser/';
/** The files that tests import. The import graph decides for these. */
const IMPORTED = /^(?:src|lab|test|scripts|bench|soak|fuzz)\/.*\.[jt]sx?$/;

/** The offsets at which the changed lines begin and end, and those of the lines between. */
function offsetsOf(text: string, lines: NonNullable<FileChange['lines']>): number[] {
  const ends: number[] = [];
  for (const length of lineLengths(text)) ends.push((ends.at(-1) ?? -1) + 1 + length);
  const endOf = (line: number) => ends[line - 1] ?? text.length;
  return lines.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, i) => endOf(from + i)),
  );
}

/** Whether the test executed a changed part. A record of another text counts as executed. */
function executed(known: Known, { file, lines }: FileChange, grounds: Grounds): boolean {
  const source = known.sources[file];
  if (source === undefined) return false;
  const text = grounds.oldText(file);
  if (lines === null || grounds.hashOf(text) !== source.hash) return true;
  return offsetsOf(text, lines).some((offset) => countAt(source.steps, offset) > 0);
}

function isAffected(test: string, change: FileChange, grounds: Grounds): boolean {
  const { file } = change;
  if (PAGE.test(file) && test.startsWith(IN_BROWSER)) return true;
  if (!IMPORTED.test(file)) return false;
  const known = file.startsWith('src/') ? grounds.recordOf(test) : null;
  // A new file was executed by nobody, but whoever imports it now may fail.
  if (known !== null && change.lines !== null) return executed(known, change, grounds);
  return grounds.reach(test).has(file);
}

/** The tests that a change may break, and the changed files that say nothing about tests. */
export function affectedBy(
  changes: readonly FileChange[],
  grounds: Grounds,
): { tests: string[]; others: string[] } {
  return {
    tests: grounds.tests.filter((test) => changes.some((one) => isAffected(test, one, grounds))),
    others: changes
      .map(({ file }) => file)
      .filter((file) => !PAGE.test(file) && !IMPORTED.test(file)),
  };
}
