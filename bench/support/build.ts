import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The output of `scripts/bench-build.js`. */
const PROGRAMS = 'node_modules/.cache/parley-bench';

const once = (script: string) => {
  let building: Promise<unknown> | undefined;
  return async () => {
    building ??= promisify(execFile)(process.execPath, [script], { cwd: ROOT });
    await building;
  };
};

/** Builds `dist/`, as operators run it. Runs once. */
export const buildProduct = once('scripts/build.js');

const buildPrograms = once('scripts/bench-build.js');

/** The file that Node runs for a file of the benches. TypeScript is built first. */
export async function runnable(path: string): Promise<string> {
  if (!path.endsWith('.ts')) return path;
  await buildPrograms();
  return `${PROGRAMS}/${path.slice(0, -'.ts'.length)}.js`;
}
