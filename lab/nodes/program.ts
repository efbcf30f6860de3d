import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Program {
  pid: number;
  /** Ends the program and removes its directory. Does nothing if it has ended. */
  stop(): Promise<void>;
}

export interface ProgramOptions {
  /** The program's name in messages. */
  name: string;
  command: string;
  /** Gets a temporary directory of its own. */
  args(dir: string): Promise<string[]> | string[];
  env?: Record<string, string>;
  /** Resolves when the program serves. */
  ready(): Promise<void>;
}

async function end(child: ChildProcess, dir: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
  await rm(dir, { recursive: true, force: true });
}

/** Runs a server that belongs to one test. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const dir = await mkdtemp(join(tmpdir(), `parley-${options.name}-`));
  const { PATH = '' } = process.env;
  const child = spawn(options.command, await options.args(dir), {
    env: { PATH, ...options.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${options.name} ended before it served:\n${said}`);
  });
  ended.catch(() => {});
  try {
    await Promise.race([options.ready(), ended]);
  } catch (error) {
    await end(child, dir);
    throw error;
  }
  return { pid: child.pid ?? 0, stop: () => end(child, dir) };
}
