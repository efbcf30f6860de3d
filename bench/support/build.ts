import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  createEmptyDatabase,
  createTestDatabase,
  type TestDatabase,
} from '../../lab/stores/database.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The output of `scripts/bench-build.js`. */
const PROGRAMS = 'node_modules/.cache/parley-bench';

const run = promisify(execFile);

/** The product in one version. */
export interface Build {
  /** Begins the names of its rows. */
  name: string;
  /** The file that Node runs. */
  program: string;
  createDatabase(): Promise<TestDatabase>;
}

export const OURS: Build = {
  name: 'ours',
  program: 'dist/index.js',
  createDatabase: createTestDatabase,
};

const once = (script: string) => {
  let building: Promise<unknown> | undefined;
  return async () => {
    building ??= run(process.execPath, [script], { cwd: ROOT });
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

async function migrated(program: string): Promise<TestDatabase> {
  const database = await createEmptyDatabase();
  await run(process.execPath, [program, 'migrate'], {
    env: { ...process.env, NODE_ENV: 'test', DATABASE_URL: database.url },
  });
  return database;
}

/** The product at a revision of this repository, with the dependencies of that time. */
export async function buildRevision(
  revision: string,
): Promise<Build & { remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'parley-before-'));
  const git = (...args: string[]) => run('git', args, { cwd: ROOT });
  const remove = async () => {
    await git('worktree', 'remove', '--force', directory).catch(() => {});
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await git('worktree', 'add', '--detach', directory, revision);
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: directory });
    await run(process.execPath, ['scripts/build.js'], { cwd: directory });
  } catch (error) {
    await remove();
    throw error;
  }
  const program = join(directory, 'dist/index.js');
  return { name: 'before', program, createDatabase: () => migrated(program), remove };
}
