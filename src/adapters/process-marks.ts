import { readFileSync, readlinkSync } from 'node:fs';

const MACHINE = '/proc/sys/kernel/random/boot_id';
const NAMESPACE = '/proc/self/ns/pid';

export interface ProcessMarks {
  /** Empty if the system does not identify the machine. */
  own: string;
  /** True only if it is certain: the mark is of this machine, and no such process runs on it. */
  isGone(mark: string): boolean;
}

function systemOf(): string {
  try {
    return `${readFileSync(MACHINE, 'utf8').trim()} ${readlinkSync(NAMESPACE)}`;
  } catch {
    return '';
  }
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return Object(error).code !== 'ESRCH';
  }
}

/** Names processes so that another one on the same machine can check whether they still run. */
export function createProcessMarks(): ProcessMarks {
  const system = systemOf();
  return {
    own: system === '' ? '' : `${system} ${process.pid}`,
    isGone(mark) {
      const end = mark.lastIndexOf(' ');
      const pid = Number(mark.slice(end + 1));
      return system !== '' && mark.slice(0, end) === system && pid > 0 && !runs(pid);
    },
  };
}
