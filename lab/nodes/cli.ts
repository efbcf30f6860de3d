import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../src/cli/run.js';
import { program } from './process.js';

export interface Said {
  exitCode: number | null;
  output: string;
  problem: string;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { PATH = '', HOME = '', NODE_V8_COVERAGE } = process.env;
const SHARED = { PATH, HOME, ...(NODE_V8_COVERAGE && { NODE_V8_COVERAGE }) };

/** Runs one command in this process, which is quicker, with `input` piped in. */
export async function runHere(
  env: Record<string, string>,
  args: string[],
  input = '',
): Promise<Said> {
  const terminal = { input: Readable.from([input]), output: new Writable() };
  return runCommand({ args, env: { NODE_ENV: 'test', BCRYPT_COST: '4', ...env }, terminal });
}

/** Runs one command as an operator would, with `input` piped in. The test's environment is not passed on. */
export async function runCli(
  env: Record<string, string>,
  args: string[],
  input = '',
): Promise<Said> {
  const entry = await program('cli');
  const child = spawn(process.execPath, [...entry, ...args], {
    cwd: ROOT,
    env: { ...SHARED, NODE_ENV: 'test', BCRYPT_COST: '4', ...env },
  });
  child.stdin.on('error', () => {}).end(input);
  const [output, problem] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { exitCode: child.exitCode, output, problem };
}

export interface Typist {
  /** Resolves to everything that the terminal has shown, once it has shown this. */
  shown(what: string): Promise<string>;
  type(keys: string): void;
  exitCode: Promise<number | null>;
}

/** Runs a command in a terminal of its own. */
export async function typeCli(env: Record<string, string>, args: string[]): Promise<Typist> {
  const command = [process.execPath, ...(await program('cli')), ...args].join(' ');
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd: ROOT,
    env: { ...SHARED, TERM: 'xterm', NODE_ENV: 'test', BCRYPT_COST: '4', ...env },
  });
  let seen = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    seen += part;
    for (const look of waiting) look();
  });
  const shown = (what: string) =>
    new Promise<string>((resolve) => {
      const look = () => {
        if (seen.includes(what)) resolve(seen);
      };
      waiting.add(look);
      look();
    });
  const exitCode = once(child, 'close').then(([code]) => code);
  return { shown, exitCode, type: (keys) => void child.stdin.write(keys) };
}
