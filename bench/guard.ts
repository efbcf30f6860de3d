import { fanOut } from './fan-out.js';
import { type Results, type Row, readResults } from './results.js';
import { tokens } from './tokens.js';

/** A row relative to another row of the same run: machines differ, but ratios hardly do. */
interface Guarded {
  bench: string;
  row: string;
  over: string;
  better: 'lower' | 'higher';
}

export const GUARDED: readonly Guarded[] = [
  { bench: 'tokens', row: 'ours-memory', over: 'limit', better: 'lower' },
  { bench: 'tokens', row: 'ours-redis-origin', over: 'limit', better: 'lower' },
  { bench: 'tokens', row: 'ours-redis-edge', over: 'limit', better: 'lower' },
  { bench: 'fan-out', row: 'ours-memory', over: 'bare-socketio', better: 'higher' },
];

/** Subjects of `bench/support/subjects.ts`. */
const SUBJECTS = ['limit', 'memory', 'pair'];

export interface Verdict {
  name: string;
  then: Row;
  now: Row;
  isWorse: boolean;
}

/** The widest range that the repeats allow. */
const ratioOf = (row: Row, over: Row): Row => ({
  median: row.median / over.median,
  min: row.min / over.max,
  max: row.max / over.min,
});

/** Worse: even the best repeats are now beyond the worst on record. */
export function judge(before: Results, after: Results): Verdict[] {
  return GUARDED.flatMap(({ bench, row, over, better }) => {
    const [then, now] = [before, after].map((results) => {
      const rows = results[bench]?.rows ?? {};
      const [own, others] = [rows[row], rows[over]];
      return own && others && ratioOf(own, others);
    });
    if (!then || !now) return [];
    const isWorse = better === 'lower' ? now.min > then.max : now.max < then.min;
    return [{ name: `${bench}: ${row} / ${over}`, then, now, isWorse }];
  });
}

const shown = ({ median, min, max }: Row): string =>
  `${median.toFixed(2)} (${min.toFixed(2)}-${max.toFixed(2)})`;

/** Measures the hot path, and compares its ratios with `bench/results.json`. Resolves to whether none got worse. */
export async function runGuard(): Promise<boolean> {
  const before = await readResults();
  const after = { ...(await tokens(false, SUBJECTS)), ...(await fanOut(false)) };
  const verdicts = judge(before, after);
  console.table(
    verdicts.map(({ name, then, now, isWorse }) => ({
      ratio: name,
      'on record': shown(then),
      now: shown(now),
      verdict: isWorse ? 'WORSE' : 'within its spread',
    })),
  );
  return verdicts.every(({ isWorse }) => !isWorse);
}
