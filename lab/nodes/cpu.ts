import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** Reads `/proc/<pid>/stat`, from the state on. Empty if there is no such process, or the system is not Linux. */
function fieldsOf(pid: number | 'self'): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  } catch {
    return [];
  }
}

const seconds = (...ticks: (string | undefined)[]): number =>
  ticks.reduce((sum, text) => sum + Number(text ?? 0), 0) / TICKS_PER_SECOND;

function childrenOf(pid: number): number[] {
  try {
    const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return pids === '' ? [] : pids.split(' ').map(Number);
  } catch {
    return [];
  }
}

/** Seconds of CPU of the programs that this process or its programs started and that have ended. */
export function cpuOfEnded(): number {
  const fields = fieldsOf('self');
  return seconds(fields[13], fields[14]);
}

/** Seconds of CPU of a process and its programs, running and ended. */
export function cpuOfTree(pid: number): number {
  const [, , , , , , , , , , , user, system, endedUser, endedSystem] = fieldsOf(pid);
  const own = seconds(user, system, endedUser, endedSystem);
  return childrenOf(pid).reduce((sum, child) => sum + cpuOfTree(child), own);
}
