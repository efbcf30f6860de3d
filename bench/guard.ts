import { fanOut } from './fan-out.js';
import { type Results, type Row, readResults, rowOf, saveResults } from './results.js';
import { type Build, buildRevision } from './support/build.js';
import { tokens } from './tokens.js';

/** A row relative to another row of the same run. */
interface Guarded {
  row: string;
  over: string;
  better: 'lower' | 'higher';
}

/** Rows are named by bench and row. */
export const GUARDED: readonly Guarded[] = [
  { row: 'tokens ours-memory', over: 'tokens limit', better: 'lower' },
  { row: 'tokens ours-redis-origin', over: 'tokens limit', better: 'lower' },
  { row: 'tokens ours-redis-edge', over: 'tokens limit', better: 'lower' },
  { row: 'fan-out ours-memory', over: 'fan-out bare-socketio', better: 'higher' },
];

/** Subjects of `bench/support/subjects.ts`. */
const BUILT = ['memory', 'pair'];
const SUBJECTS = ['limit', ...BUILT];

/**
 * A process can be 1.7 times slower than the same process a minute later, for as long as it lives. So every round
 * starts all processes again, in turns, and the best round of a row counts: other load only makes rows worse.
 */
const ROUNDS = 3;

/** Best rounds of the same code differ by up to 15 %. */
const TOLERANCE = 1.25;

/** Ratios hold for machines that resemble each other. */
const OTHER_MACHINE = 1.4;

export type Rows = Record<string, Row>;

export interface Verdict {
  name: string;
  /** Null if it is not on record. */
  onRecord: number | null;
  now: number;
  judgement: 'within 25 %' | 'WORSE' | 'NOT ON RECORD';
}

function ratioIn(rows: Rows, { row, over, better }: Guarded): number | null {
  const [own, others] = [rows[row], rows[over]];
  if (!own || !others) return null;
  return better === 'lower' ? own.min / others.min : own.max / others.max;
}

function judgeOne(guarded: Guarded, onRecord: number | null, now: number | null): Verdict[] {
  if (now === null) return [];
  const name = `${guarded.row} / ${guarded.over}`;
  if (onRecord === null) return [{ name, onRecord, now, judgement: 'NOT ON RECORD' }];
  const growth = guarded.better === 'lower' ? now / onRecord : onRecord / now;
  return [{ name, onRecord, now, judgement: growth > TOLERANCE ? 'WORSE' : 'within 25 %' }];
}

/** Compares the ratios of the best rounds that were measured with those of another run. */
export const judge = (before: Rows, after: Rows): Verdict[] =>
  GUARDED.flatMap((guarded) =>
    judgeOne(guarded, ratioIn(before, guarded), ratioIn(after, guarded)),
  );

/** Compares the best rounds of this version with those of the one before, within one run. */
export const judgeBuilds = (rows: Rows): Verdict[] =>
  GUARDED.flatMap(({ row, better }) => {
    const guarded = { row, over: row.replace('ours-', 'before-'), better };
    return judgeOne(guarded, 1, ratioIn(rows, guarded));
  });

/** How much quicker or slower this machine reads and discards tokens than that of the record, at least 1. */
export function machineFactor(before: Rows, after: Rows): number {
  const [then, now] = [before['tokens limit']?.min, after['tokens limit']?.min];
  return then && now ? Math.max(then / now, now / then) : 1;
}

/** The medians of the rounds, by bench and row. */
function addRound(rounds: Map<string, number[]>, results: Results): void {
  for (const [bench, { rows }] of Object.entries(results)) {
    for (const [row, { median }] of Object.entries(rows)) {
      const name = `${bench} ${row}`;
      rounds.set(name, [...(rounds.get(name) ?? []), median]);
    }
  }
}

interface Step {
  what: string;
  measure(): Promise<Results>;
}

const versionOf = (build?: Build) => (build ? 'the version before' : 'this version');

const MEASURES: readonly ((build?: Build) => Step)[] = [
  (build) => ({
    what: `tokens, ${versionOf(build)}`,
    measure: () => tokens(false, build ? BUILT : SUBJECTS, 1, build),
  }),
  (build) => ({
    what: `fan-out, ${versionOf(build)}`,
    measure: () => fanOut(false, 1, build),
  }),
];

/** The two versions take turns. */
const stepsOf = (before: Build | null): Step[] =>
  MEASURES.flatMap((step) => (before ? [step(), step(before)] : [step()]));

async function measureRounds(before: Build | null): Promise<Rows> {
  const rounds = new Map<string, number[]>();
  for (let round = 1; round <= ROUNDS; round++) {
    for (const { what, measure } of stepsOf(before)) {
      const startedAt = performance.now();
      addRound(rounds, await measure());
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
      console.error(`Round ${round} of ${ROUNDS}: ${what}, ${seconds} s`);
    }
  }
  return Object.fromEntries([...rounds].map(([name, values]) => [name, rowOf(values)]));
}

function report(rows: Rows, verdicts: readonly Verdict[]): boolean {
  console.table(rows);
  console.table(
    verdicts.map(({ name, onRecord, now, judgement }) => ({
      ratio: name,
      'on record': onRecord?.toFixed(2) ?? '',
      now: now.toFixed(2),
      judgement,
    })),
  );
  return verdicts.every(({ judgement }) => judgement === 'within 25 %');
}

/** Measures the hot path, and compares its ratios with `bench/results.json`. `write` records them instead. */
async function guardRecord(write: boolean): Promise<boolean> {
  const { guard } = await readResults();
  const onRecord = guard?.rows ?? {};
  const rows = await measureRounds(null);
  if (write) {
    await saveResults({ guard: { unit: `as in tokens and fan-out, ${ROUNDS} rounds`, rows } });
  }
  const isGood = report(rows, judge(onRecord, rows));
  const factor = machineFactor(onRecord, rows);
  if (factor > OTHER_MACHINE)
    console.log(
      `The limit differs from the record by a factor of ${factor.toFixed(1)}: this is another machine, whose ratios differ, too. Compare two versions with --against.`,
    );
  return write || isGood;
}

/** Measures the hot path of this version and of a revision in turns. */
async function guardAgainst(revision: string): Promise<boolean> {
  const before = await buildRevision(revision);
  try {
    const rows = await measureRounds(before);
    return report(rows, judgeBuilds(rows));
  } finally {
    await before.remove();
  }
}

/**
 * Resolves to whether no ratio got worse and all are on record. `against`: a revision of this repository to compare with
 * instead of the record.
 */
export const runGuard = (options: { write: boolean; against?: string }): Promise<boolean> =>
  options.against === undefined ? guardRecord(options.write) : guardAgainst(options.against);
