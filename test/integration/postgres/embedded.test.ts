import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import type pg from 'pg';
import { pino } from 'pino';
import { eventually } from '../../../lab/eventually.js';
import { createClient } from '../../../lab/stores/client.js';
import { dataLocation } from '../../../lab/stores/data-location.js';
import { giveEmbeddedData } from '../../../lab/stores/embedded-data.js';
import { completeInstallation } from '../../../src/adapters/postgres/embedded/binaries.js';
import {
  clearRecycledPid,
  isAlive,
  readPostmaster,
} from '../../../src/adapters/postgres/embedded/process.js';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../../src/adapters/postgres/embedded/server.js';

const logger = pino({ level: 'silent' });
const isRoot = process.getuid?.() === 0;

async function query<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = createClient(url);
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function refusal(url: string): Promise<string> {
  try {
    await query(url, 'SELECT 1');
    return 'accepted';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

describe('The embedded Postgres', () => {
  let root: string;
  let dataDir: string;
  const servers: EmbeddedPostgres[] = [];
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    root = await mkdtemp(join(dataLocation(), 'parley-embedded-'));
    await chmod(root, 0o711);
    dataDir = join(root, 'data');
  });

  afterEach(async () => {
    for (const child of children.splice(0)) await end(child, 'SIGTERM');
    for (const server of servers.splice(0)) await server.stop();
    const left = await readPostmaster(join(dataDir, 'postgres'));
    await rm(root, { recursive: true, force: true });
    expect(left && isAlive(left.pid), 'a server was left').not.to.equal(true);
  });

  const start = async () => {
    const server = await startEmbeddedPostgres({ dataDir, logger });
    servers.push(server);
    return server;
  };

  async function startChild(options: { uid?: number; gid?: number } = {}) {
    const args = ['--import', 'tsx', 'lab/nodes/embedded-child.ts', dataDir];
    const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
    const child = spawn(process.execPath, args, { stdio, ...options });
    children.push(child);
    if (!child.stdout) throw new Error('no output');
    for await (const line of createInterface({ input: child.stdout })) return { child, url: line };
    throw new Error('the child ended before it had a server');
  }

  async function end(child: ChildProcess, signal: NodeJS.Signals) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }

  const postmaster = async (dir = join(dataDir, 'postgres')) => {
    const found = await readPostmaster(dir);
    if (!found) throw new Error('no server');
    return found;
  };

  it('never clears the process number of a server that does not answer yet', async () => {
    await mkdir(dataDir);
    const silent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', dataDir]);
    children.push(silent);
    await once(silent, 'spawn');
    const pidFile = join(dataDir, 'postmaster.pid');
    await writeFile(pidFile, `${silent.pid}\n`);
    const found = { pid: silent.pid ?? 0, port: 1 };
    expect(await clearRecycledPid(dataDir, found)).to.equal(false);
    expect((await stat(pidFile)).isFile()).to.equal(true);
    expect(await clearRecycledPid(dataDir, { pid: process.pid, port: 1 })).to.equal(true);
  });

  it('is one, with one set of data, when several processes first start together', async () => {
    const started = await Promise.all([startChild(), startChild(), start(), start()]);
    expect(new Set(started.map(({ url }) => url)).size).to.equal(1);
  });

  it('makes the library links and modes that skipped install scripts leave out', async () => {
    const native = join(root, 'native');
    await mkdir(join(native, 'lib'), { recursive: true });
    await mkdir(join(native, 'bin'));
    await writeFile(join(native, 'lib/libx.so.5.18'), 'x');
    for (const name of ['postgres', 'initdb', 'pg_ctl']) {
      await writeFile(join(native, 'bin', name), '', { mode: 0o644 });
    }
    const links = [{ source: 'native/lib/libx.so.5.18', target: 'native/lib/libx.so.5' }];
    await writeFile(join(native, 'pg-symlinks.json'), JSON.stringify(links));
    await completeInstallation(native);
    await completeInstallation(native);
    expect(await readlink(join(native, 'lib/libx.so.5'))).to.equal('libx.so.5.18');
    expect((await stat(join(native, 'bin/initdb'))).mode & 0o111).to.equal(0o111);
  });

  it('runs for root as another user, its data elsewhere where that user may not pass', async function () {
    if (!isRoot) return this.skip();
    await chmod(root, 0o700);
    const server = await start();
    const place = join(dataDir, 'postgres');
    try {
      expect((await lstat(place)).isSymbolicLink()).to.equal(true);
      expect(await readlink(place)).to.equal(server.dir);
      expect((await stat(server.dir)).uid).not.to.equal(0);
      await query(server.url, 'CREATE TABLE notes AS SELECT 3 AS n');
      await server.stop();
      const again = await start();
      expect(again.dir).to.equal(server.dir);
      expect(await query(again.url, 'SELECT n FROM notes')).to.deep.equal([{ n: 3 }]);
      await again.stop();
    } finally {
      await rm(dirname(server.dir), { recursive: true, force: true });
    }
  });

  it('runs for an ordinary user, and afterwards for root with the same data', async function () {
    if (!isRoot) return this.skip();
    await chmod(root, 0o777);
    const nobody = { uid: 65_534, gid: 65_534 };
    const { child, url } = await startChild(nobody);
    await query(url, 'CREATE TABLE notes AS SELECT 4 AS n');
    await end(child, 'SIGTERM');
    const server = await start();
    expect((await stat(server.dir)).uid).to.equal(nobody.uid);
    expect(await query(server.url, 'SELECT n FROM notes')).to.deep.equal([{ n: 4 }]);
    expect(await readFile(join(server.dir, 'PG_VERSION'), 'utf8')).to.equal('18\n');
  });

  describe('whose data are there', () => {
    beforeEach(() => giveEmbeddedData(dataDir));

    it('keeps what was written over a stop and a start, under the same address', async () => {
      const first = await start();
      await query(first.url, `CREATE TABLE notes AS SELECT '你好 🌍' AS text`);
      await first.stop();
      expect(await refusal(first.url)).to.equal('ECONNREFUSED');
      const second = await start();
      expect(second.url).to.equal(first.url);
      expect(await query(second.url, 'SELECT text FROM notes')).to.deep.equal([
        { text: '你好 🌍' },
      ]);
    });

    it('is durable, speaks UTF-8 and compares any script without case', async () => {
      const { url } = await start();
      const [row] = await query(
        url,
        `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
                current_setting('server_encoding') AS encoding, lower('ÄÖÉЖ') AS lower`,
      );
      expect(row).to.deep.equal({ fsync: 'on', commit: 'on', encoding: 'UTF8', lower: 'äöéж' });
    });

    it('listens on the loopback only, with a password that others cannot read', async () => {
      const { url, dir } = await start();
      const outside = Object.values(networkInterfaces())
        .flatMap((addresses) => addresses ?? [])
        .find(({ internal, family }) => !internal && family === 'IPv4');
      if (outside) {
        const elsewhere = Object.assign(new URL(url), { hostname: outside.address });
        expect(await refusal(elsewhere.href)).to.equal('ECONNREFUSED');
      }
      const wrong = Object.assign(new URL(url), { password: 'wrong' });
      expect(await refusal(wrong.href)).to.equal('28P01');
      expect((await stat(join(dir, 'parley-password'))).mode & 0o777).to.equal(0o600);
      expect((await stat(dir)).mode & 0o077).to.equal(0);
    });

    it('outlives a killed process and is joined again with its data', async () => {
      const { child, url } = await startChild();
      await query(url, 'CREATE TABLE notes AS SELECT 1 AS n');
      const { pid } = await postmaster();
      await end(child, 'SIGKILL');
      const server = await start();
      expect((await postmaster()).pid).to.equal(pid);
      expect(await query(server.url, 'SELECT n FROM notes')).to.deep.equal([{ n: 1 }]);
      await server.stop();
      expect(isAlive(pid)).to.equal(false);
    });

    it('recovers what was committed when both it and its process were killed', async () => {
      const { child, url } = await startChild();
      await query(url, 'CREATE TABLE notes AS SELECT 2 AS n');
      const { pid } = await postmaster();
      await end(child, 'SIGKILL');
      process.kill(pid, 'SIGKILL');
      await eventually(
        () => isAlive(pid),
        (alive) => !alive,
      );
      const server = await start();
      expect((await postmaster()).pid).not.to.equal(pid);
      expect(await query(server.url, 'SELECT n FROM notes')).to.deep.equal([{ n: 2 }]);
    });

    it('starts although its old process number now belongs to another program', async () => {
      const first = await start();
      await first.stop();
      const lines = [
        process.pid,
        first.dir,
        0,
        new URL(first.url).port,
        '',
        '127.0.0.1',
        '',
        'ready',
      ];
      await writeFile(join(first.dir, 'postmaster.pid'), lines.join('\n'));
      await start();
      expect((await postmaster()).pid).not.to.equal(process.pid);
    });

    it('is shut down by the last of its users, whoever started it', async () => {
      const [first, second] = [await start(), await startChild()];
      const { pid } = await postmaster();
      expect(second.url).to.equal(first.url);
      await first.stop();
      expect(await query(second.url, 'SELECT 1 AS n')).to.deep.equal([{ n: 1 }]);
      await end(second.child, 'SIGTERM');
      expect(isAlive(pid)).to.equal(false);
    });

    it('is shut down when all leave together', async () => {
      const users = [await start(), await start(), await start()];
      const { pid } = await postmaster();
      await Promise.all(users.map((user) => user.stop()));
      expect(isAlive(pid)).to.equal(false);
    });

    it('is started again, under the same address, when it dies under its user', async () => {
      const server = await start();
      const { pid } = await postmaster();
      process.kill(pid, 'SIGKILL');
      await eventually(
        async () => !isAlive(pid) && (await refusal(server.url)),
        (said) => said === 'accepted',
      );
    });

    it('ends a stop that meets a dead server', async () => {
      const server = await start();
      process.kill((await postmaster()).pid, 'SIGKILL');
      await server.stop();
    });

    it('refuses data of another version with a clear message', async () => {
      const { dir, stop } = await start().then((server) => ({
        dir: server.dir,
        stop: server.stop(),
      }));
      await stop;
      await writeFile(join(dir, 'PG_VERSION'), '12\n');
      const error = await start().catch((reason: Error) => reason);
      expect(error).to.be.instanceOf(Error).with.property('message').that.contains('PostgreSQL 12');
    });
  });
});
