import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** An example that hangs must not outlive the tests. */
const DEADLINE_MS = 45_000;

/** A running example of the documentation, whose output tests can wait for. */
export interface Example {
  /** Resolves when the output so far contains `text`. Rejects if the example ends before. */
  printed(text: string): Promise<void>;
  /** Resolves to the output. @throws if the exit code is not 0, or if there is output on stderr */
  finished: Promise<string>;
  /** Types into the example. */
  type(text: string): void;
  signal(name: NodeJS.Signals): void;
}

/** The directory in which an example runs, and its environment. */
export interface Surroundings {
  cwd: string;
  env?: Record<string, string>;
  /** Ends the example. */
  signal?: AbortSignal;
}

function follow(child: ChildProcess): Example {
  let output = '';
  let problems = '';
  const waiting = new Set<() => void>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    for (const look of waiting) look();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    problems += text;
  });
  const finished = once(child, 'close').then(([code]) => {
    if (code === 0 && problems === '') return output;
    throw new Error(`The example ended with ${code}: ${problems}\n${output}`);
  });
  finished.catch(() => {});
  const shows = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!output.includes(text)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  const endedFirst = async (text: string) => {
    if (!(await finished).includes(text)) throw new Error(`It never printed "${text}".`);
  };
  return {
    finished,
    printed: (text) => Promise.race([shows(text), endedFirst(text)]),
    type: (text) => void child.stdin?.write(text),
    signal: (name) => void child.kill(name),
  };
}

function start(
  program: string,
  args: string[],
  { env = {}, ...surroundings }: Surroundings,
): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(program, args, {
    ...surroundings,
    env: { PATH, HOME, ...env },
    timeout: DEADLINE_MS,
  });
}

/** An example that goes on until the test ends it. */
interface Running {
  env: Record<string, string>;
  signal: AbortSignal;
}

function run(program: string, args: string[], source: string, running?: Running): Example {
  const child = start(program, args, { cwd: ROOT, ...running });
  child.stdin?.end(source);
  return follow(child);
}

/** Runs a program in its own directory, and leaves its input open. */
export const runIn = (surroundings: Surroundings, program: string, ...args: string[]): Example =>
  follow(start(program, args, surroundings));

/** Reads the script from stdin, as if somebody had pasted it. */
export const runBash = (source: string): Example => run('bash', ['-euo', 'pipefail'], source);

/** Runs a module in the project's directory, where its imports are resolved. */
export const runModule = (source: string, running?: Running): Example =>
  run(process.execPath, ['--import', 'tsx', '--input-type=module', '-'], source, running);

export const runPython = (source: string, running: Running): Example =>
  run('python3', ['-'], source, running);
