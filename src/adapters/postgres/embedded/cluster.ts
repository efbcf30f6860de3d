import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { type Account, findAccount, runAs } from './account.js';
import { type Binaries, locateBinaries, prepareBinaries } from './binaries.js';
import { chooseLocation, SHARED } from './location.js';
import { isNameless, namelessInitdb } from './nameless-initdb.js';
import { isAlive } from './process.js';

/** An initialised data directory, and what it takes to run it. */
export interface Cluster {
  dir: string;
  account: Account;
  binaries: Binaries;
  password: string;
}

export const SUPERUSER = 'parley';
const PASSWORD_FILE = 'parley-password';
const FRESH = /\.new-(\d+)-[0-9a-f]+(\.password|\.tools)?$/;

const read = (path: string) => readFile(path, 'utf8').catch(() => null);

async function writeSecret(path: string, text: string, account: Account): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  if (account) await chown(path, account.uid, account.gid);
}

async function initdb(dir: string, account: Account, { initdb }: Binaries): Promise<void> {
  const password = randomBytes(24).toString('base64url');
  const passwordFile = `${dir}.password`;
  await mkdir(dir, { mode: 0o700 });
  if (account) await chown(dir, account.uid, account.gid);
  await writeSecret(passwordFile, password, account);
  // The builtin provider needs no locale of the operating system.
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = ['--auth=scram-sha-256', `--username=${SUPERUSER}`, `--pwfile=${passwordFile}`];
  const args = [`--pgdata=${dir}`, '--encoding=UTF8', ...locale, ...access];
  if (account || process.platform !== 'linux' || !isNameless()) await runAs(account, initdb, args);
  else await runNameless(initdb, `${dir}.tools`, args);
  await rename(passwordFile, join(dir, PASSWORD_FILE));
}

async function runNameless(initdb: string, dir: string, args: string[]): Promise<void> {
  const copy = await namelessInitdb(initdb, dir);
  await runAs(null, copy.program, args).finally(copy.remove);
}

/**
 * Initialises beside the final place and renames, so that a killed or competing first start leaves nothing half done.
 */
async function initialise(dir: string, account: Account, binaries: Binaries): Promise<void> {
  const fresh = `${dir}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await initdb(fresh, account, binaries);
    await rename(fresh, dir);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    await rm(`${fresh}.password`, { force: true });
    if (!(await read(join(dir, 'PG_VERSION')))) throw error;
  }
}

/** Removes the leftovers of killed first starts. */
async function sweep(dir: string): Promise<void> {
  for (const name of await readdir(dirname(dir)).catch(() => [])) {
    const pid = name.startsWith(basename(dir)) ? FRESH.exec(name)?.[1] : undefined;
    if (!pid || isAlive(Number(pid))) continue;
    await rm(join(dirname(dir), name), { recursive: true, force: true });
  }
}

async function refuseForeign(dir: string): Promise<void> {
  const owner = (await stat(dir)).uid;
  const self = process.getuid?.();
  if (self === undefined || self === 0 || self === owner) return;
  throw new Error(
    `${dir} belongs to user ${owner}: start as that user or as root, or set DATA_DIR.`,
  );
}

function refuseOtherVersion(dir: string, found: string, { majorVersion }: Binaries): void {
  if (found.trim() === majorVersion) return;
  throw new Error(
    `${dir} was written by PostgreSQL ${found.trim()}, this release brings ${majorVersion}: ` +
      'move the data over with pg_dump, or set DATABASE_URL.',
  );
}

/** Finds the data directory below `dataDir`, and initialises it if it is new. */
export async function openCluster(dataDir: string, logger: Logger): Promise<Cluster> {
  const found = await locateBinaries();
  const dir = await chooseLocation(dataDir, logger);
  const account = await findAccount(dir);
  const binaries = await prepareBinaries(found, account, SHARED, logger);
  await sweep(dir);
  if (!(await stat(dir).catch(() => null))) {
    logger.info({ dir }, 'creating the database');
    await initialise(dir, account, binaries);
  }
  await refuseForeign(dir);
  refuseOtherVersion(dir, await readFile(join(dir, 'PG_VERSION'), 'utf8'), binaries);
  const password = await readFile(join(dir, PASSWORD_FILE), 'utf8');
  return { dir, account, binaries, password };
}
