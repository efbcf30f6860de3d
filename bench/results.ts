import { readFile, writeFile } from 'node:fs/promises';
import { quantile } from '../lab/quantile.js';

export interface Row {
  median: number;
  min: number;
  max: number;
}

/** Results of each bench, row by row. bench/NOTES.md explains the rows. */
export type Results = Record<string, { unit: string; rows: Record<string, Row> }>;

const FILE = new URL('./results.json', import.meta.url);

/** Number of repeats of a measurement. `small` only shows that it works. */
export const repeatsOf = (small: boolean): number => (small ? 1 : 3);

/** Summarises the repeats of one measurement. */
export const rowOf = (repeats: readonly number[]): Row => ({
  median: quantile(repeats, 0.5),
  min: Math.min(...repeats),
  max: Math.max(...repeats),
});

export function printTable(results: Results): void {
  for (const [bench, { unit, rows }] of Object.entries(results)) {
    const table = Object.entries(rows).map(([row, { median, min, max }]) => ({
      bench,
      row,
      unit,
      median: Number(median.toFixed(2)),
      spread: `${min.toFixed(2)}-${max.toFixed(2)}`,
    }));
    console.table(table);
  }
}

/** Everything measured on this machine so far. */
export async function readResults(): Promise<Results> {
  return JSON.parse(await readFile(FILE, 'utf8').catch(() => '{}'));
}

/** Rows of other benches are kept. */
export async function saveResults(results: Results): Promise<void> {
  const before = await readResults();
  await writeFile(FILE, `${JSON.stringify({ ...before, ...results }, null, 2)}\n`);
}
