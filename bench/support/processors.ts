import { execFileSync } from 'node:child_process';

const taskset = (...args: string[]) =>
  execFileSync('taskset', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

/** Where what measures runs, so that it does not make the measured process late, which has processor 0. */
const OTHERS = 1;

/** Keeps this process and what it starts from now on off the measured processor, where `taskset` is available. Answers what frees it again. */
export function keepAside(): () => void {
  if (process.env.BENCH_UNPINNED !== undefined) return () => {};
  const pid = String(process.pid);
  try {
    const before = taskset('-cp', pid).split(':').at(-1)?.trim() ?? '';
    taskset('-acp', String(OTHERS), pid);
    return () => void taskset('-acp', before, pid);
  } catch {
    return () => {};
  }
}
