import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type LogLine, LogLines } from './log-lines.js';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Product {
  pid: number;
  port: number;
  url: string;
  /** Everything that was logged so far. */
  logs: readonly LogLine[];
  /** Resolves to the first line that fits, past or future. */
  waitForLog(fits: (line: LogLine) => boolean): Promise<LogLine>;
  kill(signal?: NodeJS.Signals): void;
  exit: Promise<Exit>;
  readonly ended: boolean;
  /** Sends SIGTERM, and resolves to the exit. Does nothing if the process has ended. */
  stop(): Promise<Exit>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A fast and quiet node. Everything else is the product's default. */
export const QUICK_ENV = {
  ...{ NODE_ENV: 'test', PORT: '0', BCRYPT_COST: '4', DRAIN_SECONDS: '5' },
  AUTO_TITLE: 'false',
};

/** Keeps lines, and lets callers wait for one until the process has ended. */
function collect(child: ChildProcess, exit: Promise<Exit>) {
  if (!child.stdout) throw new Error('no output');
  const lines = new LogLines();
  createInterface({ input: child.stdout }).on('line', (text) => lines.add(text));
  const ended = exit.then(({ code, signal }): never => {
    const last = lines.all.slice(-5).map((line) => JSON.stringify(line));
    throw new Error(`The node ended (${code ?? signal}) first:\n${last.join('\n')}`);
  });
  ended.catch(() => {});
  const waitForLog = (fits: (line: LogLine) => boolean) => Promise.race([lines.until(fits), ended]);
  return { logs: lines.all, waitForLog };
}

const isListening = (line: LogLine) =>
  typeof line.port === 'number' && /listening/i.test(String(line.msg));

const { NODE_V8_COVERAGE } = process.env;
const state: { build?: Promise<unknown> } = {};

/** The build, as operators run it: it starts in a third of the time. For coverage, the sources. */
export async function program(entry: 'index' | 'cli' = 'index'): Promise<string[]> {
  if (NODE_V8_COVERAGE) return ['--import', 'tsx', `src/${entry}.ts`];
  state.build ??= promisify(execFile)(process.execPath, ['scripts/build.js'], { cwd: ROOT });
  await state.build;
  return [`dist/${entry}.js`];
}

function launch(args: string[], env: Record<string, string>): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(process.execPath, args, {
    cwd: ROOT,
    env: { PATH, HOME, ...(NODE_V8_COVERAGE && { NODE_V8_COVERAGE }), ...QUICK_ENV, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Starts a node as a separate process, and resolves when it listens. The test's environment is not passed on. */
export async function startProduct(env: Record<string, string>): Promise<Product> {
  const child = launch(await program(), env);
  const exit = once(child, 'exit').then(([code, signal]): Exit => ({ code, signal }));
  const { logs, waitForLog } = collect(child, exit);
  const { port } = await waitForLog(isListening);
  // The node loads more before its first response, and tests need a node that has done so.
  await fetch(`http://127.0.0.1:${port}/health/live`).catch(() => {});
  const kill = (signal: NodeJS.Signals = 'SIGKILL') => void child.kill(signal);
  return {
    pid: child.pid ?? 0,
    port: Number(port),
    url: `http://127.0.0.1:${port}`,
    logs,
    waitForLog,
    kill,
    exit,
    get ended() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    stop: () => {
      kill('SIGTERM');
      return exit;
    },
  };
}
