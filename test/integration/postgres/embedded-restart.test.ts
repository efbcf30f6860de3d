import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { pino } from 'pino';
import { eventually } from '../../../lab/eventually.js';
import { createClient } from '../../../lab/stores/client.js';
import { dataLocation } from '../../../lab/stores/data-location.js';
import { giveEmbeddedData } from '../../../lab/stores/embedded-data.js';
import { isAlive, readPostmaster } from '../../../src/adapters/postgres/embedded/process.js';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../../src/adapters/postgres/embedded/server.js';

async function accepts(url: string): Promise<boolean> {
  const client = createClient(url);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

describe('An embedded Postgres that dies and cannot be started for a while', () => {
  let root: string;
  let server: EmbeddedPostgres;
  let mend: () => Promise<void>;

  /** A server that was killed, and whose first starts have failed. */
  beforeEach(async () => {
    root = await mkdtemp(join(dataLocation(), 'parley-embedded-'));
    await chmod(root, 0o711);
    const dataDir = join(root, 'data');
    await giveEmbeddedData(dataDir);
    const lines = new PassThrough();
    server = await startEmbeddedPostgres({ dataDir, logger: pino(lines) });
    const settings = join(server.dir, 'postgresql.auto.conf');
    const good = await readFile(settings);
    mend = () => writeFile(settings, good);
    await writeFile(settings, 'no_such_setting = 1\n');
    const postmaster = await readPostmaster(server.dir);
    if (!postmaster) throw new Error('no server');
    process.kill(postmaster.pid, 'SIGKILL');
    for await (const line of createInterface({ input: lines }))
      if (JSON.parse(line).level === pino.levels.values.fatal) break;
  });
  afterEach(async () => {
    await server.stop();
    const left = await readPostmaster(server.dir);
    await rm(root, { recursive: true, force: true });
    expect(left && isAlive(left.pid), 'a server was left').not.to.equal(true);
  });

  it('is tried again until it starts', async () => {
    await mend();
    await eventually(
      () => accepts(server.url),
      (accepted) => accepted,
      20_000,
    );
  });

  it('is left alone after a stop', async () => {
    await server.stop();
    await mend();
    expect(await accepts(server.url)).to.equal(false);
  });
});
