import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import {
  type Cluster,
  openCluster,
  SUPERUSER,
} from '../../src/adapters/postgres/embedded-cluster.js';
import { ensureRunning, shutDown } from '../../src/adapters/postgres/embedded-launch.js';
import { ensureDatabase } from '../../src/adapters/postgres/embedded-lease.js';
import { isAlive, readPostmaster } from '../../src/adapters/postgres/embedded-process.js';
import type { TestDatabase } from './database.js';
import { freePort } from './redis.js';

const DATABASE = 'parley';

/** A Postgres server that belongs to one test, which may end it, start it again and freeze it. Its database is empty. */
export interface OwnPostgres extends TestDatabase {
  /** Ends it as an operator's restart does: open transactions are rolled back, connections closed. */
  stop(): Promise<void>;
  /** Starts it again where it was. */
  start(): Promise<void>;
  /** Stops all its processes where they are: connections stay open and nothing answers any more. */
  freeze(): Promise<void>;
  thaw(): void;
}

const childrenOf = async (pid: number) =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'))
    .split(' ')
    .filter(Boolean)
    .map(Number);

/** Answers the port, which stays the same. Nobody starts it again when it goes away. */
async function run(cluster: Cluster): Promise<number> {
  const { port, lease } = await ensureRunning(cluster, false, () => {});
  await lease.close();
  return port;
}

class Server implements OwnPostgres {
  readonly url: string;
  #cluster: Cluster;
  #dataDir: string;
  #frozen: number[] = [];

  constructor(cluster: Cluster, dataDir: string, port: number) {
    process.on('exit', this.#kill);
    this.#cluster = cluster;
    this.#dataDir = dataDir;
    this.url = `postgres://${SUPERUSER}:${cluster.password}@127.0.0.1:${port}/${DATABASE}`;
  }

  stop(): Promise<void> {
    return shutDown(this.#cluster);
  }

  async start(): Promise<void> {
    const port = await run(this.#cluster);
    if (String(port) !== new URL(this.url).port) throw new Error('its port was taken meanwhile');
  }

  /** The postmaster first, so that it starts no backend that would be missed. */
  async freeze(): Promise<void> {
    const postmaster = await readPostmaster(this.#cluster.dir);
    if (!postmaster) throw new Error('this Postgres does not run');
    this.#freeze(postmaster.pid);
    for (const pid of await childrenOf(postmaster.pid)) this.#freeze(pid);
  }

  thaw(): void {
    for (const pid of this.#frozen.splice(0).filter(isAlive)) process.kill(pid, 'SIGCONT');
  }

  async drop(): Promise<void> {
    process.off('exit', this.#kill);
    this.thaw();
    await this.stop();
    await rm(this.#cluster.dir, { recursive: true, force: true });
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  /** A run that was cut short leaves none behind; it is no child of ours. */
  #kill = (): void => {
    const file = join(this.#cluster.dir, 'postmaster.pid');
    const pid = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : 0;
    if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL');
    // The backends end when they see that.
    this.thaw();
  };

  #freeze(pid: number): void {
    if (!isAlive(pid)) return;
    process.kill(pid, 'SIGSTOP');
    this.#frozen.push(pid);
  }
}

export async function startOwnPostgres(): Promise<OwnPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-postgres-'));
  // The user that runs it must get through.
  await chmod(dataDir, 0o711);
  const cluster = await openCluster(dataDir, pino({ level: 'error' }));
  // Where a restarted server looks for its port.
  await writeFile(join(cluster.dir, 'parley-port'), String(await freePort()));
  const port = await run(cluster);
  await ensureDatabase(cluster, port, DATABASE);
  return new Server(cluster, dataDir, port);
}
