import { fanOut } from './fan-out.js';
import { type Results, type Row, readResults, rowOf, saveResults } from './results.js';
import { tokens } from './tokens.js';

/** A row relative to another row of the same run: machines differ, but ratios hardly do. */
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
const SUBJECTS = ['limit', 'memory', 'pair'];

/**
 * A process can be 1.7 times slower than the same process a minute later, for as long as it lives. So every round
 * starts all processes again, in turns, and the best round of a row counts: other load only makes rows worse.
 */
const ROUNDS = 3;

/** Best rounds of the same code differ by up to 15 %. */
const TOLERANCE = 1.25;

export type Rows = Record<string, Row>;

export interface Verdict {
  name: string;
  /** Null if it is not on record. */
  onRecord: number | null;
  now: number;
  judgement: 'within its spread' | 'WORSE' | 'NOT ON RECORD';
}

function ratioIn(rows: Rows, { row, over, better }: Guarded): number | null {
  const [own, others] = [rows[row], rows[over]];
  if (!own || !others) return null;
  return better === 'lower' ? own.min / others.min : own.max / others.max;
}

function judgeOne(guarded: Guarded, before: Rows, after: Rows): Verdict[] {
  const [onRecord, now] = [ratioIn(before, guarded), ratioIn(after, guarded)];
  if (now === null) return [];
  const name = `${guarded.row} / ${guarded.over}`;
  if (onRecord === null) return [{ name, onRecord, now, judgement: 'NOT ON RECORD' }];
  const growth = guarded.better === 'lower' ? now / onRecord : onRecord / now;
  return [{ name, onRecord, now, judgement: growth > TOLERANCE ? 'WORSE' : 'within its spread' }];
}

/** Compares the ratios of the best rounds that were measured. */
export const judge = (before: Rows, after: Rows): Verdict[] =>
  GUARDED.flatMap((guarded) => judgeOne(guarded, before, after));

/** The medians of the rounds, by bench and row. */
function addRound(rounds: Map<string, number[]>, results: Results): void {
  for (const [bench, { rows }] of Object.entries(results)) {
    for (const [row, { median }] of Object.entries(rows)) {
      const name = `${bench} ${row}`;
      rounds.set(name, [...(rounds.get(name) ?? []), median]);
    }
  }
}

async function measureRounds(): Promise<Rows> {
  const rounds = new Map<string, number[]>();
  for (let i = 0; i < ROUNDS; i++) {
    addRound(rounds, { ...(await tokens(false, SUBJECTS, 1)), ...(await fanOut(false, 1)) });
  }
  return Object.fromEntries([...rounds].map(([name, values]) => [name, rowOf(values)]));
}

/**
 * Measures the hot path, and compares its ratios with `bench/results.json`. Resolves to whether all are on record and
 * none got worse. `write` records them instead.
 */
export async function runGuard({ write }: { write: boolean }): Promise<boolean> {
  const { guard } = await readResults();
  const rows = await measureRounds();
  if (write) {
    await saveResults({ guard: { unit: `as in tokens and fan-out, ${ROUNDS} rounds`, rows } });
  }
  const verdicts = judge(guard?.rows ?? {}, rows);
  console.table(rows);
  console.table(
    verdicts.map(({ name, onRecord, now, judgement }) => ({
      ratio: name,
      'on record': onRecord?.toFixed(2) ?? '',
      now: now.toFixed(2),
      judgement,
    })),
  );
  return write || verdicts.every(({ judgement }) => judgement === 'within its spread');
}
