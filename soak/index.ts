import { report } from './report.js';
import { soak } from './soak.js';

/** Flags of the command line. */
export interface SoakFlags {
  minutes?: string | undefined;
  seconds?: string | undefined;
  seed?: string | undefined;
  users?: string | undefined;
}

const DEFAULTS = { minutes: '20', users: '16' };

/** `npm run bench -- soak --minutes 20 --seed 42`. Resolves to whether nothing was lost, doubled or wrong. */
export async function runSoak(flags: SoakFlags): Promise<boolean> {
  const { minutes = DEFAULTS.minutes, seconds, users = DEFAULTS.users } = flags;
  const ms = seconds === undefined ? Number(minutes) * 60_000 : Number(seconds) * 1_000;
  const seed = Number(flags.seed ?? Date.now() % 1_000_000);
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));
  const say = (line: string) => console.log(line);
  return report(await soak({ seed, ms, users: Number(users), say, signal: interrupt.signal }));
}
