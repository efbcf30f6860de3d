import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Postmaster {
  pid: number;
  port: number;
}

/** A dead process that has not been reaped, which is common in containers whose first process is not an init. */
function isZombie(pid: number): boolean {
  try {
    return /\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Whether the pid is taken, even by a zombie: Postgres checks no more than that. */
function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

export const isAlive = (pid: number): boolean => isTaken(pid) && !isZombie(pid);

const pidFile = (dir: string) => join(dir, 'postmaster.pid');

/** Reads `postmaster.pid` (pid on line 1, port on line 4). Null if that pid is not taken. */
export async function readPostmaster(dir: string): Promise<Postmaster | null> {
  const lines = (await readFile(pidFile(dir), 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  return pid > 0 && isTaken(pid) ? { pid, port: Number(lines[3]) } : null;
}

async function commandLine(pid: number): Promise<string> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8');
  return (await run('ps', ['-o', 'command=', '-p', String(pid)])).stdout;
}

/**
 * Removes a pid file whose pid now belongs to a zombie or to another program, because Postgres would refuse to start.
 * This happens in containers, where pids repeat. If no process has the pid, Postgres itself clears the file, with
 * more care. Returns whether the file was removed.
 */
export async function clearRecycledPid(dir: string, { pid }: Postmaster): Promise<boolean> {
  const command = await commandLine(pid).catch(() => dir);
  if (command.includes(dir)) return false;
  await rm(pidFile(dir), { force: true });
  return true;
}

const listenOnce = (port: number) =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const chosen = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(chosen));
    });
  });

/** `wanted` if it is free, otherwise another port. */
export const freePort = (wanted = 0): Promise<number> =>
  listenOnce(wanted).catch(() => listenOnce(0));
