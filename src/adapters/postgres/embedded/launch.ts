import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runAs } from './account.js';
import type { Cluster } from './cluster.js';
import { type Lease, takeLease } from './lease.js';
import { clearRecycledPid, freePort, isAlive, readPostmaster } from './process.js';

const START_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 60_000;

/** Values must not contain blanks: pg_ctl passes them to a shell. */
function serverOptions(port: number, durable: boolean): string {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: '32MB',
    // Errors of statements would put users' data into the log.
    log_min_messages: 'log',
    log_checkpoints: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    fsync: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    synchronous_commit: durable ? 'on' : 'off',
    // A worker for each database in turn: a test run has hundreds that live for seconds.
    autovacuum_naptime: durable ? '1min' : '10min',
  };
  const flags = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  return ['-p', port, ...flags].join(' ');
}

const portFile = (cluster: Cluster) => join(cluster.dir, 'parley-port');

async function rememberedPort(cluster: Cluster): Promise<number> {
  const port = Number(await readFile(portFile(cluster), 'utf8').catch(() => 0));
  return Number.isInteger(port) ? port : 0;
}

/** Resolves when the server accepts connections. Also rejects if another process has just started it. */
async function launch(cluster: Cluster, durable: boolean): Promise<void> {
  const port = await freePort(await rememberedPort(cluster));
  const log = join(cluster.dir, 'server.log');
  const options = ['-o', serverOptions(port, durable)];
  const args = ['start', '-D', cluster.dir, '-l', log, '-s', '-w', '-t', '60', ...options];
  await runAs(cluster.account, cluster.binaries.pgCtl, args);
  await writeFile(portFile(cluster), String(port));
}

async function lastLog(cluster: Cluster): Promise<string> {
  const log = await readFile(join(cluster.dir, 'server.log'), 'utf8').catch(() => '');
  return log.trim().split('\n').slice(-5).join('\n');
}

export interface Running {
  port: number;
  lease: Lease;
}

/** One look: joins a running server, clears a stale pid file, or starts the server. Null: look again. */
async function joinOrStart(
  cluster: Cluster,
  durable: boolean,
  onLost: () => void,
): Promise<Running | null> {
  const postmaster = await readPostmaster(cluster.dir);
  if (!postmaster) {
    await launch(cluster, durable);
    return null;
  }
  const lease = await takeLease(cluster, postmaster.port, onLost);
  if (lease) return { port: postmaster.port, lease };
  await clearRecycledPid(cluster.dir, postmaster);
  return null;
}

/**
 * Joins the server of this data directory, or starts it, even if many processes try at once: one that loses the race
 * finds the winner's server at its next look. Rejects if the server cannot be started.
 */
export async function ensureRunning(
  cluster: Cluster,
  durable: boolean,
  onLost: () => void,
): Promise<Running> {
  const deadline = performance.now() + START_LIMIT_MS;
  let cause: unknown;
  let failures = 0;
  while (performance.now() < deadline && failures < 5) {
    try {
      const running = await joinOrStart(cluster, durable, onLost);
      if (running) return running;
    } catch (error) {
      cause = error;
      failures += 1;
    }
    await delay(50);
  }
  throw new Error(`Postgres in ${cluster.dir} does not start: ${await lastLog(cluster)}`, {
    cause,
  });
}

/** Fast shutdown: open transactions are rolled back, and everything committed is on disk when it resolves. */
export async function shutDown({ account, binaries, dir }: Cluster): Promise<void> {
  const postmaster = await readPostmaster(dir);
  if (!postmaster || !isAlive(postmaster.pid)) return;
  if (process.platform === 'win32') {
    return runAs(account, binaries.pgCtl, ['stop', '-D', dir, '-s', '-m', 'fast', '-w']);
  }
  process.kill(postmaster.pid, 'SIGINT');
  const deadline = performance.now() + STOP_LIMIT_MS;
  while (isAlive(postmaster.pid)) {
    if (performance.now() > deadline) throw new Error(`Postgres in ${dir} does not stop`);
    await delay(20);
  }
}
