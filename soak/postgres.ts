import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { runAs } from '../src/adapters/postgres/embedded/account.js';
import { type Cluster, openCluster, SUPERUSER } from '../src/adapters/postgres/embedded/cluster.js';
import { ensureDatabase } from '../src/adapters/postgres/embedded/lease.js';
import { freePort, readPostmaster } from '../src/adapters/postgres/embedded/process.js';

const DATABASE = 'soak';
const SETTINGS = [
  '-c listen_addresses=127.0.0.1',
  '-c unix_socket_directories=',
  '-c max_connections=100',
  '-c shared_buffers=32MB',
];

const run = promisify(execFile);

async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=']);
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([child = 0, parent]) => (parent === pid ? [child] : []));
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // The backend has just ended.
  }
}

/** A durable Postgres that can be stopped, crashed and frozen. It keeps its port. */
export class OwnPostgres {
  readonly port: number;
  readonly #cluster: Cluster;
  readonly #dir: string;
  #frozen: number[] = [];

  private constructor(cluster: Cluster, dir: string, port: number) {
    this.#cluster = cluster;
    this.#dir = dir;
    this.port = port;
  }

  static async start(): Promise<OwnPostgres> {
    const dir = await mkdtemp(join(tmpdir(), 'parley-soak-'));
    // A server that root starts runs as another user, who must be able to pass through.
    await chmod(dir, 0o711);
    const cluster = await openCluster(dir, pino({ level: 'silent' }));
    const postgres = new OwnPostgres(cluster, dir, await freePort());
    await postgres.start();
    await ensureDatabase(cluster, postgres.port, DATABASE);
    return postgres;
  }

  get url(): string {
    return `postgres://${SUPERUSER}:${this.#cluster.password}@127.0.0.1:${this.port}/${DATABASE}`;
  }

  start(): Promise<void> {
    const log = join(this.#cluster.dir, 'server.log');
    const options = [`-p ${this.port}`, ...SETTINGS].join(' ');
    return this.#control('start', '-l', log, '-t', '60', '-o', options);
  }

  /** `fast` ends connections and closes properly, `immediate` is a crash. */
  stop(mode: 'fast' | 'immediate'): Promise<void> {
    return this.#control('stop', '-m', mode);
  }

  async freeze(): Promise<void> {
    const { pid } = (await readPostmaster(this.#cluster.dir)) ?? {};
    if (pid === undefined) throw new Error('postgres does not run');
    // First the process that starts the others.
    signal(pid, 'SIGSTOP');
    this.#frozen = [pid, ...(await childrenOf(pid))];
    for (const each of this.#frozen) signal(each, 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of this.#frozen.splice(0).reverse()) signal(pid, 'SIGCONT');
  }

  async dispose(): Promise<void> {
    this.thaw();
    await this.stop('immediate').catch(() => {});
    await rm(this.#dir, { recursive: true, force: true });
  }

  #control(command: string, ...rest: string[]): Promise<void> {
    const { account, binaries, dir } = this.#cluster;
    return runAs(account, binaries.pgCtl, [command, '-D', dir, '-s', '-w', ...rest]);
  }
}
