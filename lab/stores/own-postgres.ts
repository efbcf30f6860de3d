import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { appendFile, chmod, chown, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type pg from 'pg';
import { pino } from 'pino';
import {
  type Cluster,
  openCluster,
  SUPERUSER,
} from '../../src/adapters/postgres/embedded/cluster.js';
import { ensureRunning, shutDown } from '../../src/adapters/postgres/embedded/launch.js';
import { ensureDatabase } from '../../src/adapters/postgres/embedded/lease.js';
import { isAlive, readPostmaster } from '../../src/adapters/postgres/embedded/process.js';
import { eventually } from '../eventually.js';
import { createClient } from './client.js';
import { dataLocation } from './data-location.js';
import type { TestDatabase } from './database.js';
import { giveEmbeddedData } from './embedded-data.js';
import { freePort } from './redis.js';

const DATABASE = 'parley';

/**
 * A Postgres server that belongs to one test, which may end it, start it again and freeze it. Its database is empty.
 */
export interface OwnPostgres extends TestDatabase {
  /** Ends it as an operator's restart does: open transactions are rolled back, connections closed. */
  stop(): Promise<void>;
  /** Starts it again on the same data and port. */
  start(): Promise<void>;
  /** Copies its files while it is stopped. The returned function restores them, also while it is stopped. */
  snapshot(): Promise<() => Promise<void>>;
  /** A standby that follows it, asynchronously. */
  standby(): Promise<Standby>;
  /** Stops all its processes where they are: connections stay open, and nothing responds any more. */
  freeze(): Promise<void>;
  thaw(): void;
}

/** Replicates the primary until it is promoted. While stopped, it lags behind. */
export interface Standby extends OwnPostgres {
  readonly port: number;
  /** Resolves when it has everything that the primary has committed by now. */
  catchUp(): Promise<void>;
  promote(): Promise<void>;
}

const childrenOf = async (pid: number) =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'))
    .split(' ')
    .filter(Boolean)
    .map(Number);

/** Returns the port, which stays the same. Nothing starts the server again if it goes away. */
async function run(cluster: Cluster): Promise<number> {
  const { port, lease } = await ensureRunning(cluster, false, () => {});
  await lease.close();
  return port;
}

async function ask<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = createClient(url);
  await client.connect();
  return client
    .query<T>(sql)
    .then(({ rows }) => rows)
    .finally(() => client.end());
}

/** Copies a directory. A server that runs in it may remove temporary files meanwhile. */
const copy = async (from: string, to: string) => {
  await rm(to, { recursive: true, force: true });
  const env = { ...process.env, LC_ALL: 'C' };
  await promisify(execFile)('cp', ['-a', `${from}/.`, to], { env }).catch(
    (error: { code: unknown; stderr: string }) => {
      const complaints = error.stderr.split('\n').filter(Boolean);
      const isHarmless = (line: string) => /\/\.\/.+: No such file or directory$/.test(line);
      if (error.code !== 1 || !complaints.every(isHarmless)) throw error;
    },
  );
};

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

  /** Freezes the postmaster first, so that it cannot start a backend that would be missed. */
  async freeze(): Promise<void> {
    const postmaster = await readPostmaster(this.#cluster.dir);
    if (!postmaster) throw new Error('this Postgres does not run');
    this.#freeze(postmaster.pid);
    for (const pid of await childrenOf(postmaster.pid)) this.#freeze(pid);
  }

  thaw(): void {
    for (const pid of this.#frozen.splice(0).filter(isAlive)) process.kill(pid, 'SIGCONT');
  }

  async snapshot(): Promise<() => Promise<void>> {
    const { dir } = this.#cluster;
    await copy(dir, `${dir}-snapshot`);
    return () => copy(`${dir}-snapshot`, dir);
  }

  /** Copies the data as `pg_basebackup` does, which the embedded binaries lack. */
  async standby(): Promise<Standby> {
    const dir = `${this.#cluster.dir}-standby`;
    const client = createClient(this.url);
    await client.connect();
    await client.query(`SELECT pg_backup_start('standby', true)`);
    await copy(this.#cluster.dir, dir);
    const { rows } = await client.query<{ labelfile: string }>(
      'SELECT labelfile FROM pg_backup_stop()',
    );
    await client.end();
    const { port, password } = new URL(this.url);
    const conninfo = `host=127.0.0.1 port=${port} user=${SUPERUSER} password=${password}`;
    await rm(join(dir, 'postmaster.pid'), { force: true });
    await writeFile(join(dir, 'backup_label'), rows[0]?.labelfile ?? '');
    await writeFile(join(dir, 'standby.signal'), '');
    await appendFile(join(dir, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`);
    await writeFile(join(dir, 'parley-port'), String(await freePort()));
    for (const name of ['backup_label', 'standby.signal', 'parley-port']) {
      const { uid, gid } = await stat(dir);
      await chown(join(dir, name), uid, gid);
    }
    const cluster = { ...this.#cluster, dir };
    return new StandbyServer(this.url, cluster, this.#dataDir, await run(cluster));
  }

  async drop(): Promise<void> {
    process.off('exit', this.#kill);
    this.thaw();
    await this.stop();
    await rm(this.#cluster.dir, { recursive: true, force: true });
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  /** Ends the server of a run that was cut short; it is not our child process. */
  #kill = (): void => {
    const file = join(this.#cluster.dir, 'postmaster.pid');
    const pid = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : 0;
    if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL');
    // The backends end when they notice that.
    this.thaw();
  };

  #freeze(pid: number): void {
    if (!isAlive(pid)) return;
    process.kill(pid, 'SIGSTOP');
    this.#frozen.push(pid);
  }
}

class StandbyServer extends Server implements Standby {
  readonly port: number;
  #primary: string;

  constructor(primary: string, cluster: Cluster, dataDir: string, port: number) {
    super(cluster, dataDir, port);
    this.port = port;
    this.#primary = primary;
  }

  async catchUp(): Promise<void> {
    const [now] = await ask(this.#primary, 'SELECT pg_current_wal_lsn() AS lsn');
    const has = () => ask(this.url, `SELECT 1 WHERE pg_last_wal_replay_lsn() >= '${now?.lsn}'`);
    await eventually(has, (rows) => rows.length > 0);
  }

  async promote(): Promise<void> {
    await ask(this.url, 'SELECT pg_promote()');
  }
}

export async function startOwnPostgres(): Promise<OwnPostgres> {
  const dataDir = await mkdtemp(join(dataLocation(), 'parley-postgres-'));
  // The user that runs it must be able to pass through.
  await chmod(dataDir, 0o711);
  await giveEmbeddedData(dataDir);
  const cluster = await openCluster(dataDir, pino({ level: 'error' }));
  // A restarted server looks for its port here.
  await writeFile(join(cluster.dir, 'parley-port'), String(await freePort()));
  const port = await run(cluster);
  await ensureDatabase(cluster, port, DATABASE);
  return new Server(cluster, dataDir, port);
}
