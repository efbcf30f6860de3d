import { execFileSync } from 'node:child_process';

const taskset = (...args: string[]) =>
  execFileSync('taskset', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

/** The processor of the measuring process, so that it does not delay the measured process, which has processor 0. */
const OTHERS = 1;

/**
 * Keeps this process and its later children off the measured processor, if `taskset` is available. Returns a function
 * that ends that.
 */
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
