import { parseArgs } from 'node:util';
import { runFuzz } from '../fuzz/index.js';
import { runSoak } from '../soak/index.js';
import { BENCHES } from './benches.js';
import { runGuard } from './guard.js';
import { printTable, readResults, saveResults } from './results.js';
import { sizingTable, writeSizing } from './sizing.js';

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    small: { type: 'boolean', default: false },
    // `sizing` writes the table into docs/operations.md; `guard` puts the run on record.
    write: { type: 'boolean', default: false },
    // `guard` compares with this revision instead of the record.
    against: { type: 'string' },
    // Options of `soak`.
    minutes: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string' },
    users: { type: 'string' },
    // An option of `fuzz`.
    runs: { type: 'string' },
  },
});

/** Rows of one day belong together. */
const isWhole =
  !values.small &&
  process.env.BENCH_SUBJECTS === undefined &&
  process.env.BENCH_SECONDS === undefined;

async function runBenches(): Promise<void> {
  for (const [name, run] of Object.entries(BENCHES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const results = await run(values.small);
    printTable(results);
    if (isWhole) await saveResults(results);
  }
}

const names = [...Object.keys(BENCHES), 'guard', 'soak', 'fuzz', 'sizing'];
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`No bench ${unknown.join(', ')}. There are: ${names.join(', ')}`);
  process.exit(1);
}

// `guard`, `soak` and `fuzz` judge instead of measuring, and take long, so they run only when named.
if (wanted.includes('guard')) process.exit((await runGuard(values)) ? 0 : 1);
if (wanted.includes('soak')) process.exit((await runSoak(values)) ? 0 : 1);
if (wanted.includes('fuzz')) process.exit((await runFuzz(values)) ? 0 : 1);
// The table is computed from the results of the others.
if (wanted.includes('sizing')) {
  const results = await readResults();
  console.log(values.write ? await writeSizing(results) : sizingTable(results));
} else await runBenches();
