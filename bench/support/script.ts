import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { runnable } from './build.js';

export interface Script {
  url: string;
  stop(): Promise<void>;
}

export interface Usage {
  /** User and system time so far, in µs. */
  cpu: number;
  /** p99 of the delay of timers since the last call, in ms. */
  lateMs?: number;
  /** The most bytes that were resident since its start. */
  peak?: number;
}

export interface Measured extends Script {
  usage(): Promise<Usage>;
}

export interface Weighed extends Measured {
  /** Resident bytes after a collection. A measurement soon afterwards pays for its consequences. */
  memory(): Promise<number>;
}

export interface Pinned {
  /** The processor that the process is kept on, if `taskset` is available. */
  cpu: number;
}

const METER = fileURLToPath(new URL('./meter.mjs', import.meta.url));

/** Profiles: `BENCH_NODE_ARGS='--cpu-prof --cpu-prof-dir=/tmp/profiles' npm run bench -- tokens`. */
const EXTRA_ARGS = process.env.BENCH_NODE_ARGS?.split(' ') ?? [];

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['-p', String(process.pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
const pins = process.env.BENCH_UNPINNED === undefined && hasTaskset();

/** A command line that stays on one processor, if that is possible. */
export function onProcessor(command: readonly string[], pinned?: Pinned): string[] {
  if (!pinned || !pins) return [...command];
  return ['taskset', '-c', String(pinned.cpu), ...command];
}

/** Node with these arguments. */
function commandLine(args: string[], pinned?: Pinned): [string, string[]] {
  const [command = '', ...rest] = onProcessor([process.execPath, ...args], pinned);
  return [command, rest];
}

async function portOf(child: ChildProcess): Promise<number> {
  if (!child.stdout) throw new Error('no output');
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`it ended with ${code} before it listened`);
  });
  ended.catch(() => {});
  const listening = (async () => {
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      const port = line.startsWith('{') ? JSON.parse(line).port : undefined;
      if (typeof port === 'number') return port;
    }
    throw new Error('it closed its output before it listened');
  })();
  const port = await Promise.race([listening, ended]);
  child.stdout.resume();
  return port;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

/** Runs a script as a separate process that logs `{"port": …}` when it listens. Its input ends with this process. */
export async function startScript(
  path: string,
  env: Record<string, string>,
  pinned?: Pinned,
): Promise<Script> {
  const [command, args] = commandLine([await runnable(path)], pinned);
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const url = `http://127.0.0.1:${await portOf(child)}`;
  return { url, stop: () => end(child) };
}

/** The same for measured processes, which report what they have used. */
export async function startMeasured(
  path: string,
  env: Record<string, string>,
  pinned?: Pinned,
): Promise<Weighed> {
  const [command, args] = commandLine(
    ['--expose-gc', ...EXTRA_ARGS, '--import', METER, await runnable(path)],
    pinned,
  );
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ask = async (question: 'usage' | 'memory') => {
    child.send(question);
    const [answer] = await once(child, 'message');
    return answer;
  };
  const url = `http://127.0.0.1:${await portOf(child)}`;
  return {
    url,
    usage: () => ask('usage'),
    memory: async () => (await ask('memory')).rss,
    stop: () => end(child),
  };
}
