import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../lab/eventually.js';
import { dataLocation } from '../../lab/stores/data-location.js';
import { isAlive } from '../../src/adapters/postgres/embedded/process.js';

export interface Outcome {
  end: 'passed' | 'failed' | 'timed out';
  seconds: number;
  output: string;
}

export interface RunOptions {
  limitMs: number;
  /** The directory into which V8 writes what was executed. */
  coverage?: string;
  /** Gives the run a Postgres of its own: the kept one might be damaged. */
  alone?: boolean;
}

/** A copy of the checkout with a Postgres of its own. A fault in it breaks nothing else. */
export interface Copy {
  root: string;
  run(test: string, options: RunOptions): Promise<Outcome>;
  /** Runs `work` while the file has another text. */
  changed<T>(file: string, text: string, work: () => Promise<T>): Promise<T>;
  remove(): Promise<void>;
}

const ALONE = 'alone';
const LEFT_OUT = /^(node_modules|\.git|\.data|coverage)$/;
const KEPT_OUTPUT = 20_000;

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const name of await readdir(from)) {
    if (LEFT_OUT.test(name)) continue;
    // Builds are made again when their sources are newer.
    await cp(join(from, name), join(to, name), { recursive: true, preserveTimestamps: true });
  }
  await symlink(join(from, 'node_modules'), join(to, 'node_modules'));
}

const hasNone = (all: readonly unknown[]) => all.length === 0;
const isNumber = (name: string) => /^\d+$/.test(name);

/**
 * Whether a process works in the directory or was started for it. Processes of another user, or of another system, do
 * not count.
 */
function belongs(pid: string, directory: string): boolean {
  try {
    const texts = [readlinkSync(`/proc/${pid}/cwd`), readFileSync(`/proc/${pid}/cmdline`, 'utf8')];
    return texts.some((text) => text.includes(directory));
  } catch {
    return false;
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has ended.
  }
}

type Surroundings = Pick<RunOptions, 'coverage' | 'alone'>;

function environment(directory: string, { coverage, alone }: Surroundings): NodeJS.ProcessEnv {
  const { NODE_V8_COVERAGE: _, ...env } = process.env;
  return {
    ...env,
    ...{ TMPDIR: join(directory, 'tmp'), TEST_DATA: join(directory, alone ? ALONE : 'data') },
    ...{ TEST_POSTGRES: '', BENCH_UNPINNED: '1' },
    ...(coverage !== undefined && { NODE_V8_COVERAGE: coverage }),
  };
}

const MOCHA = ['node_modules/mocha/bin/mocha.js', '--bail', '--reporter', 'dot'];

/** `sweep` ends the programs that the run left behind, which would still hold its output. */
async function outcomeOf(
  child: ChildProcess,
  limitMs: number,
  sweep: () => Promise<void>,
): Promise<Outcome> {
  const from = performance.now();
  const limit = { reached: false };
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_OUTPUT);
    });
  }
  const end = setTimeout(() => {
    limit.reached = true;
    killQuietly(-(child.pid ?? 0));
  }, limitMs);
  const closed = once(child, 'close');
  const [code] = await once(child, 'exit');
  clearTimeout(end);
  const seconds = (performance.now() - from) / 1_000;
  await sweep();
  await closed;
  if (limit.reached) return { end: 'timed out', seconds, output };
  return { end: code === 0 ? 'passed' : 'failed', seconds, output };
}

async function empty(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory);
  await chmod(directory, 0o777);
}

/** Postgres runs as another user, who must reach its data. */
async function makeDirectory(name: string): Promise<string> {
  const directory = await mkdtemp(join(dataLocation(), `parley-mutants-${name}-`));
  await chmod(directory, 0o777);
  for (const part of ['tmp', 'data', ALONE]) await empty(join(directory, part));
  return directory;
}

/** Removes the copy when this process has ended, however it did. */
async function startKeeper(directory: string, root: string): Promise<ChildProcess> {
  const options = { cwd: root, env: environment(directory, {}), execArgv: ['--import', 'tsx'] };
  const keeper = fork('scripts/mutants/keep.ts', [directory], options);
  await Promise.race([
    once(keeper, 'message'),
    once(keeper, 'exit').then(() => Promise.reject(new Error('Postgres of the copy ended'))),
  ]);
  return keeper;
}

export async function createCopy(from: string, name: string): Promise<Copy> {
  const directory = await makeDirectory(name);
  const root = join(directory, 'repo');
  await copyTree(from, root);
  const keeper = await startKeeper(directory, root);
  const running = new Set<number>();
  const [held = ''] = (await readdir(join(directory, 'data'))).filter((one) => /-test-/.test(one));

  /** Programs that a run left behind: nodes, Redis, a Postgres of its own. The kept Postgres stays. */
  async function sweep(): Promise<void> {
    const kept = join(directory, 'data', held);
    const left = (await readdir('/proc').catch(() => []))
      .filter(isNumber)
      .filter((pid) => Number(pid) !== keeper.pid && !belongs(pid, kept) && belongs(pid, directory))
      .map(Number);
    for (const pid of left) killQuietly(pid);
    await eventually(() => left.filter(isAlive), hasNone);
  }

  async function run(test: string, { limitMs, ...options }: RunOptions): Promise<Outcome> {
    const child = spawn(process.execPath, [...MOCHA, test], {
      cwd: root,
      env: environment(directory, options),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, which can be killed as a whole.
      detached: true,
    });
    const pid = child.pid ?? 0;
    running.add(pid);
    const outcome = await outcomeOf(child, limitMs, () => {
      killQuietly(-pid);
      running.delete(pid);
      return sweep();
    });
    if (options.alone) await empty(join(directory, ALONE));
    return outcome;
  }

  async function changed<T>(file: string, text: string, work: () => Promise<T>): Promise<T> {
    const path = join(root, file);
    const [before, { atime, mtime }] = await Promise.all([readFile(path), stat(path)]);
    await writeFile(path, text);
    try {
      return await work();
    } finally {
      await writeFile(path, before);
      await utimes(path, atime, mtime);
    }
  }

  process.once('exit', () => {
    for (const pid of running) killQuietly(-pid);
  });

  async function remove(): Promise<void> {
    const ended = once(keeper, 'exit');
    keeper.disconnect();
    await ended;
  }

  return { root, run, changed, remove };
}
