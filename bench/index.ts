import { latency } from './latency.js';
import { printTable, type Results, saveResults } from './results.js';

/** Every bench by its name; each answers its rows. `small` only shows that it works. */
const BENCHES: Record<string, (small: boolean) => Promise<Results>> = { latency };

const small = process.argv.includes('--small');
const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const unknown = wanted.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`No bench ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(1);
}

for (const [name, run] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const results = await run(small);
  printTable(results);
  if (!small) await saveResults(results);
}
