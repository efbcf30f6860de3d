import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, chmod, mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { locateBinaries } from '../../src/adapters/postgres/embedded/binaries.js';
import { openCluster } from '../../src/adapters/postgres/embedded/cluster.js';
import { dataLocation } from './data-location.js';

/** One place per installed version and user. It outlives the run. */
async function cacheDir(): Promise<string> {
  const { native, version } = await locateBinaries();
  const text = `${native} ${version} ${userInfo().username}`;
  const name = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return join(dataLocation(), `parley-initdb-${name}`);
}

/** Initialised once, and never started. Callers that come together agree on one. */
async function initialised(): Promise<string> {
  const cache = await cacheDir();
  const dir = join(cache, 'postgres');
  const isThere = await access(join(dir, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
  if (isThere) return dir;
  await mkdir(cache, { recursive: true });
  await chmod(cache, 0o711);
  return (await openCluster(cache, pino({ level: 'error' }))).dir;
}

/**
 * Puts the data of a new embedded Postgres below `dataDir`, as initdb has made them for an earlier caller: a copy
 * costs a twentieth of initdb.
 */
export async function giveEmbeddedData(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  await promisify(execFile)('cp', ['-a', await initialised(), join(dataDir, 'postgres')]);
}
