import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Mutant } from './mutants.js';

export interface Result {
  mutant: Mutant;
  end: 'killed' | 'timed out' | 'survived' | 'no test' | 'not tried';
  /** The tests that were run; the last one killed it. */
  tests: string[];
}

export interface Report {
  seed: string;
  results: Result[];
}

/** The share of the mutants of a sample that must be killed. */
export const GOAL = 0.85;
const LAST = 'node_modules/.cache/mutants/last.json';
const SHOWN = 200;

export const isKilled = ({ end }: Result): boolean => end === 'killed' || end === 'timed out';

const short = (text: string) => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
};

export function describeResult({ mutant, end, tests }: Result): string {
  const { file, line, kind, original, text } = mutant;
  const how = tests.length > 0 ? `${end} ${tests.join(', ')}` : end;
  return `${file}:${line} ${kind}\n  - ${short(original)}\n  + ${short(text) || '(nothing)'}\n  ${how}`;
}

export function shareKilled(results: readonly Result[]): number {
  return results.length === 0 ? 1 : results.filter(isKilled).length / results.length;
}

export function totalLine(results: readonly Result[]): string {
  const count = (wanted: Result['end']) => results.filter(({ end }) => end === wanted).length;
  const killed = results.filter(isKilled).length;
  const percent = (100 * shareKilled(results)).toFixed(1);
  return [
    `${results.length} mutants: ${killed} killed (${percent} %)`,
    `${count('timed out')} by time-out`,
    `${count('survived')} survived`,
    `${count('no test')} without tests`,
  ].join(', ');
}

export async function readLast(): Promise<Report> {
  const text = await readFile(LAST, 'utf8').catch(() => null);
  if (text === null) throw new Error('There is no earlier run.');
  return JSON.parse(text);
}

/** Synchronous, so that it is whole whenever a run is ended. */
export function writeLast(report: Report): void {
  mkdirSync(dirname(LAST), { recursive: true });
  writeFileSync(LAST, JSON.stringify(report));
}
