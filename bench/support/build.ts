import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** As in `scripts/bench-build.js`. */
const PROGRAMS = 'node_modules/.cache/parley-bench';

const once = (script: string) => {
  let building: Promise<unknown> | undefined;
  return async () => {
    building ??= promisify(execFile)(process.execPath, [script], { cwd: ROOT });
    await building;
  };
};

/** `dist/`, as operators run it; built once. */
export const buildProduct = once('scripts/build.js');

const buildPrograms = once('scripts/bench-build.js');

/** What Node runs for a file of the benches: that of TypeScript is built first. */
export async function runnable(path: string): Promise<string> {
  if (!path.endsWith('.ts')) return path;
  await buildPrograms();
  return `${PROGRAMS}/${path.slice(0, -'.ts'.length)}.js`;
}
