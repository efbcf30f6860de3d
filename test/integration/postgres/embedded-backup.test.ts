import { execFile } from 'node:child_process';
import { chmod, lstat, mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { pino } from 'pino';
import { createClient } from '../../../lab/stores/client.js';
import { dataLocation } from '../../../lab/stores/data-location.js';
import { giveEmbeddedData } from '../../../lab/stores/embedded-data.js';
import { startEmbeddedPostgres } from '../../../src/adapters/postgres/embedded/server.js';
import { fences, readText, section } from '../../support/markdown.js';

const run = promisify(execFile);
const logger = pino({ level: 'silent' });
const isRoot = process.getuid?.() === 0;

describe('A cold backup of the embedded Postgres, by the commands of docs/operations.md', () => {
  let root: string;
  let backUp: string;
  let restore: string;

  before(async () => {
    const page = section(await readText('docs/operations.md'), '## Data and backup');
    [backUp = '', restore = ''] = fences(page).map(({ code }) => code);
  });
  beforeEach(async () => {
    root = await mkdtemp(join(dataLocation(), 'parley-backup-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const shell = (command: string) => run('sh', ['-c', command], { cwd: root });
  const place = () => join(root, '.data', 'postgres');

  /** Starts the server, runs a query, and stops the server. */
  const query = async (sql: string) => {
    const server = await startEmbeddedPostgres({ dataDir: join(root, '.data'), logger });
    const client = createClient(server.url);
    await client.connect();
    const { rows } = await client.query(sql).finally(() => client.end());
    await server.stop();
    return rows;
  };

  const backUpAndRestore = async () => {
    await query(`CREATE TABLE notes AS SELECT 'kept' AS text`);
    await shell(backUp);
    await query(`UPDATE notes SET text = 'lost'`);
    await shell(restore);
    expect(await query('SELECT text FROM notes')).to.deep.equal([{ text: 'kept' }]);
  };

  it('brings back what was', async () => {
    await chmod(root, 0o711);
    await giveEmbeddedData(join(root, '.data'));
    await backUpAndRestore();
    expect((await lstat(place())).isDirectory()).to.equal(true);
  });

  it('does so where root keeps the data elsewhere, and loses not even those that it replaces', async function () {
    if (!isRoot) return this.skip();
    await query('SELECT 1');
    const elsewhere = dirname(await readlink(place()));
    try {
      await backUpAndRestore();
      expect(await readlink(place())).to.equal(join(elsewhere, 'postgres'));
      expect(await readdir(elsewhere)).to.have.length(2);
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
  });
});
