import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { pino } from 'pino';
import { isAlive, readPostmaster } from '../../src/adapters/postgres/embedded/process.js';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/adapters/postgres/embedded/server.js';
import { migrateUp } from '../../src/adapters/postgres/migrator.js';
import { createSequelize } from '../../src/adapters/postgres/sql/sequelize.js';
import { cpuOfTree } from '../nodes/cpu.js';
import { createClient } from './client.js';
import { dataLocation } from './data-location.js';

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

interface Shared {
  server: EmbeddedPostgres;
  admin: pg.Client;
  template: string;
}

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));
/** One place per checkout and user: the server and its template outlive a killed run and are used again. */
const DATA_DIR = join(
  dataLocation(),
  `parley-test-${fingerprint(MIGRATIONS + userInfo().username)}`,
);
const state: { shared: Promise<Shared> | null } = { shared: null };

function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

const onDatabase = (url: string, name: string) =>
  Object.assign(new URL(url), { pathname: name }).href;

const MIGRATOR = fileURLToPath(
  new URL('../../src/adapters/postgres/migration-run.ts', import.meta.url),
);

async function templateName(): Promise<string> {
  const files = (await readdir(MIGRATIONS)).sort().map((name) => join(MIGRATIONS, name));
  const texts = await Promise.all([...files, MIGRATOR].map((path) => readFile(path, 'utf8')));
  return `template_${fingerprint(files.join() + texts.join())}`;
}

async function names(admin: pg.Client): Promise<string[]> {
  const { rows } = await admin.query<{ datname: string }>('SELECT datname FROM pg_database');
  return rows.map(({ datname }) => datname);
}

/** Databases carry the pid of their run. */
const newName = (kind: string) => `${kind}_${process.pid}_${randomBytes(4).toString('hex')}`;

async function sweep(admin: pg.Client): Promise<void> {
  for (const name of await names(admin)) {
    const pid = /^(?:test|part)_(\d+)_/.exec(name)?.[1];
    if (pid && !isAlive(Number(pid)))
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
}

async function buildTemplate(url: string, admin: pg.Client, template: string): Promise<void> {
  const part = newName('part');
  await admin.query(`CREATE DATABASE ${part} TEMPLATE template0`);
  const sequelize = createSequelize({ url: onDatabase(url, part), poolMax: 2 });
  await migrateUp(sequelize).finally(() => sequelize.close());
  // Another run may have been quicker.
  await admin
    .query(`ALTER DATABASE ${part} RENAME TO ${template}`)
    .catch(() => admin.query(`DROP DATABASE ${part}`));
}

/** A test run connects thousands of times, and each time both sides would compute 4,096 rounds. */
async function quickenConnecting(url: string, admin: pg.Client): Promise<void> {
  const { username, password } = new URL(url);
  const role = admin.escapeIdentifier(decodeURIComponent(username));
  const secret = admin.escapeLiteral(decodeURIComponent(password));
  // One statement list is one transaction: workers that do this at once wait for each other.
  await admin.query(
    `SELECT pg_advisory_xact_lock(1); SET LOCAL scram_iterations = 1; ALTER ROLE ${role} PASSWORD ${secret}`,
  );
}

async function startShared(): Promise<Shared> {
  const logger = pino({ level: 'warn' });
  const server = await startEmbeddedPostgres({ dataDir: DATA_DIR, logger, durable: false });
  const admin = createClient(onDatabase(server.url, 'postgres'));
  await admin.connect();
  await quickenConnecting(server.url, admin);
  await sweep(admin);
  const template = await templateName();
  if (!(await names(admin)).includes(template)) await buildTemplate(server.url, admin, template);
  return { server, admin, template };
}

/** One embedded server for all, whatever DATABASE_URL says. The first caller starts it. */
function shared(): Promise<Shared> {
  state.shared ??= startShared();
  return state.shared;
}

/** Operators do the same with a copy. Here all databases come from one template. */
export async function giveId(url: string, used = false): Promise<void> {
  const client = createClient(url);
  await client.connect();
  // A used database has had accounts: tests that register somebody want an ordinary user.
  const mark = used ? ', first_account_at = now()' : '';
  await client
    .query(`UPDATE deployment SET id = gen_random_uuid()${mark}`)
    .finally(() => client.end());
}

async function create(from: 'template' | 'empty', options = ''): Promise<TestDatabase> {
  const { server, admin, template } = await shared();
  const name = newName('test');
  // Copied files take half the CPU of copied blocks, each of which would be logged.
  const source = from === 'empty' ? 'template0' : `${template} STRATEGY file_copy`;
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${source} ${options}`);
  const url = onDatabase(server.url, name);
  if (from === 'template') await giveId(url, true);
  return {
    url,
    drop: async () => {
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** A separate migrated database. The caller drops it. */
export const createTestDatabase = (): Promise<TestDatabase> => create('template');

/** The same without tables. `options` are those of `CREATE DATABASE`. */
export const createEmptyDatabase = (options = ''): Promise<TestDatabase> =>
  create('empty', options);

/** Starts the server ahead of its users, so that it does not end and start again between two files. */
export async function holdTestPostgres(): Promise<void> {
  await shared();
}

/** Seconds of CPU of the server and all its connections, since it was started. */
export async function testPostgresCpu(): Promise<number> {
  const { server } = await shared();
  const postmaster = await readPostmaster(server.dir);
  return postmaster ? cpuOfTree(postmaster.pid) : 0;
}

/** Gives the server up. It ends with the last process that uses it; the next database starts it again. */
export async function stopTestPostgres(): Promise<void> {
  const { shared: used } = state;
  state.shared = null;
  if (!used) return;
  const { server, admin } = await used;
  await admin.end();
  await server.stop();
}
