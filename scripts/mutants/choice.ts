import { countAt, type Steps } from './coverage.js';
import type { Mutant } from './mutants.js';
import type { TestRecord } from './record.js';

/** A longer test is taken only if no other one reaches the part. */
const LONG_SECONDS = 60;

/** Tells where a part that is outside of all functions has its effect. */
export type Users = (mutant: Mutant) => readonly Location[];

interface Location {
  file: string;
  at: number;
}

function total(steps: Steps): number {
  let sum = 0;
  for (let i = 1; i < steps.length; i += 2) sum += steps[i] ?? 0;
  return sum;
}

/** A record of an older text counts as a whole. */
function hits({ sources }: TestRecord, { file, at }: Location, hash: string): number {
  const source = sources[file];
  if (!source) return 0;
  return source.hash === hash ? countAt(source.steps, at) : 1;
}

/**
 * Chooses at most so many tests, in the order of their time. Each executes the changed part. One half are the quickest,
 * the other half those that are most about it.
 */
export function createChoice(
  most: number,
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
  const hitsOf = (record: TestRecord, locations: readonly Location[]) =>
    locations.reduce(
      (sum, location) => sum + hits(record, location, hashes.get(location.file) ?? ''),
      0,
    );
  /** All other code of a file uses the state that a constructor prepares. */
  const weightOf = ({ file, within }: Mutant, record: TestRecord, count: number) =>
    within === 'constructor' ? total(record.sources[file]?.steps ?? []) : count;

  function candidates(mutant: Mutant, locations: readonly Location[]) {
    return records.flatMap((record) => {
      const count = hitsOf(record, locations);
      const share = weightOf(mutant, record, count) / (totals.get(record) ?? 1);
      return record.isGreen && count > 0 ? [{ record, seconds: record.seconds, share }] : [];
    });
  }

  return (mutant) => {
    const used = mutant.within === '' ? candidates(mutant, users(mutant)) : [];
    const all = used.length > 0 ? used : candidates(mutant, [mutant]);
    const short = all.filter(({ seconds }) => seconds <= LONG_SECONDS);
    const found = (short.length > 0 ? short : all).sort((a, b) => a.seconds - b.seconds);
    const quick = Math.floor(most / 2);
    const about = found.slice(quick).sort((a, b) => b.share - a.share);
    return [...found.slice(0, quick), ...about.slice(0, most - quick)]
      .sort((a, b) => a.seconds - b.seconds)
      .map(({ record }) => record);
  };
}
