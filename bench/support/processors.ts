import { execFileSync } from 'node:child_process';

const taskset = (...args: string[]) =>
  execFileSync('taskset', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

/** Keeps this process and what it starts from now on to one processor, where `taskset` is available. Answers what frees it again. */
export function keepOn(cpu: number): () => void {
  const pid = String(process.pid);
  try {
    const before = taskset('-cp', pid).split(':').at(-1)?.trim() ?? '';
    taskset('-acp', String(cpu), pid);
    return () => void taskset('-acp', before, pid);
  } catch {
    return () => {};
  }
}
