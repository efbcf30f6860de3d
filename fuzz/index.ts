import { stopTestPostgres } from '../lab/stores/database.js';
import { type FuzzReport, fuzz } from './fuzz.js';

/** Flags of the command line. */
export interface FuzzFlags {
  runs?: string | undefined;
  seed?: string | undefined;
}

const RUNS = '1000000';
/** Permitted growth of the heap between a warm node and the end: caches, compiled code, statistics of pools. */
export const HEAP_GROWTH = 32 * 2 ** 20;

/** Measured from the second sample on: the first thousands of inputs still fill caches. */
export function heapGrowth({ heap }: FuzzReport): number {
  const warm = heap[1] ?? heap[0] ?? 0;
  return (heap.at(-1) ?? 0) - warm;
}

function print(report: FuzzReport): void {
  const { sent, seconds, faults, logged } = report;
  const all = Object.values(sent).reduce((sum, count) => sum + count, 0);
  console.log(`${all} inputs in ${Math.round(seconds)} s, ${Math.round(all / seconds)} a second`);
  console.log(JSON.stringify(sent));
  console.log(`accepted: ${JSON.stringify(Object.fromEntries(report.accepted))}`);
  console.log(`${report.overloaded} answered unavailable`);
  console.log(`heap ${Math.round(heapGrowth(report) / 2 ** 20)} MB more than when it was warm`);
  for (const fault of faults) console.log(`fault: ${fault}`);
  for (const line of logged.slice(0, 20)) console.log(`logged: ${line}`);
  console.log(`${faults.length} faults, ${logged.length} errors logged`);
}

/** `npm run bench -- fuzz --runs 1000000 --seed 1`. Resolves to whether there was no fault. */
export async function runFuzz(flags: FuzzFlags): Promise<boolean> {
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const report = await fuzz({
    runs: Number(flags.runs ?? RUNS),
    seed: Number(flags.seed ?? Date.now() % 1_000_000),
    say: (line) => console.log(line),
    signal: interrupt.signal,
  });
  await stopTestPostgres();
  print(report);
  const { faults, logged } = report;
  return faults.length === 0 && logged.length === 0 && heapGrowth(report) < HEAP_GROWTH;
}
