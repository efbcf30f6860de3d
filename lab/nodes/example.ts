import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** One that hangs must not outlive the tests. */
const DEADLINE_MS = 45_000;

/** A documented example that runs; what it prints can be waited for. */
export interface Example {
  /** Resolves when its output so far contains `text`; rejects when it ends before. */
  printed(text: string): Promise<void>;
  /** Resolves with its output. @throws when it ends with another exit code than 0, or says something on stderr. */
  finished: Promise<string>;
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
  return { finished, printed: (text) => Promise.race([shows(text), endedFirst(text)]) };
}

function run(program: string, args: string[], source: string): Example {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(program, args, { cwd: ROOT, env: { PATH, HOME }, timeout: DEADLINE_MS });
  child.stdin.end(source);
  return follow(child);
}

/** Reads the script from stdin, as if somebody pasted it. */
export const runBash = (source: string): Example => run('bash', ['-euo', 'pipefail'], source);

/** As a module in the project's directory: that is where its imports are looked for. */
export const runModule = (source: string): Example =>
  run(process.execPath, ['--import', 'tsx', '--input-type=module', '-'], source);
