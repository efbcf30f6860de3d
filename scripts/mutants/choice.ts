import { countAt, type Steps } from './coverage.js';
import type { Mutant } from './mutants.js';
import type { TestRecord } from './record.js';

/** Of each kind: the quickest, and those that are most about the changed part. */
const EACH = 3;
/** A longer one is only taken if no other reaches the part. */
const LONG_SECONDS = 60;

/** Where a part that is outside of all functions has its effect. */
export type Users = (mutant: Mutant) => readonly { file: string; at: number }[];

function total(steps: Steps): number {
  let sum = 0;
  for (let i = 1; i < steps.length; i += 2) sum += steps[i] ?? 0;
  return sum;
}

/** What was recorded for an older text counts as a whole. */
function hits({ sources }: TestRecord, file: string, at: number, hash: string): number {
  const source = sources[file];
  if (!source) return 0;
  return source.hash === hash ? countAt(source.steps, at) : 1;
}

/** The tests to be tried, in the order of their time. Each executes the changed part. */
export function createChoice(
  records: readonly TestRecord[],
  hashes: ReadonlyMap<string, string>,
  users: Users,
): (mutant: Mutant) => TestRecord[] {
  const totals = new Map(
    records.map((record) => [
      record,
      Object.values(record.sources).reduce((sum, { steps }) => sum + total(steps), 1),
    ]),
  );
  const countOf = (record: TestRecord, file: string, at: number) =>
    hits(record, file, at, hashes.get(file) ?? '');

  function candidates(places: readonly { file: string; at: number }[]) {
    return records.flatMap((record) => {
      const count = places.reduce((sum, { file, at }) => sum + countOf(record, file, at), 0);
      const share = count / (totals.get(record) ?? 1);
      return record.isGreen && count > 0 ? [{ record, seconds: record.seconds, share }] : [];
    });
  }

  return (mutant) => {
    const used = mutant.within === '' ? candidates(users(mutant)) : [];
    const all = used.length > 0 ? used : candidates([{ file: mutant.file, at: mutant.at }]);
    const short = all.filter(({ seconds }) => seconds <= LONG_SECONDS);
    const found = (short.length > 0 ? short : all).sort((a, b) => a.seconds - b.seconds);
    const about = found.slice(EACH).sort((a, b) => b.share - a.share);
    return [...found.slice(0, EACH), ...about.slice(0, EACH)]
      .sort((a, b) => a.seconds - b.seconds)
      .map(({ record }) => record);
  };
}
