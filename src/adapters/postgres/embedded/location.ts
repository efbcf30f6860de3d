import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readlink, realpath, rename, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { findAccount, mayReach } from './account.js';

/** Root keeps here what the postgres user cannot reach inside the project. */
export const SHARED = '/var/lib/parley';

const run = promisify(execFile);

const kindOf = async (path: string): Promise<'directory' | 'other' | null> => {
  const found = await lstat(path).catch(() => null);
  return found && (found.isDirectory() ? 'directory' : 'other');
};

/** Keeps owners, and works across file systems. Anything at `to` is renamed, never lost. */
async function move(from: string, to: string): Promise<void> {
  if (await kindOf(to)) await rename(to, `${to}-${Date.now()}`);
  await run('mv', [from, to]);
}

/** The target of a link, whether it exists or not; null if `path` is not a link. */
async function target(path: string): Promise<string | null> {
  const link = await readlink(path).catch(() => null);
  return link === null ? null : resolve(dirname(path), link);
}

async function keepElsewhere(location: string, logger: Logger): Promise<void> {
  const id = createHash('sha256').update(location).digest('hex').slice(0, 12);
  const parent = join(SHARED, id);
  await mkdir(parent, { recursive: true });
  await chmod(SHARED, 0o755);
  await chmod(parent, 0o711);
  const kept = join(parent, 'postgres');
  if ((await kindOf(location)) === 'directory') await move(location, kept);
  // Another node may just have created the same link.
  await symlink(kept, location).catch(() => {});
  logger.warn(
    { location, dir: parent },
    'the postgres user cannot reach the data directory: keeping the data elsewhere',
  );
}

/**
 * `<dataDir>/postgres`. If root's `dataDir` is closed to the postgres user, as it usually is below /root, that path
 * is a link to a directory below /var/lib/parley, so that the data are always found from `dataDir`. A backup that was
 * unpacked in its place is moved there.
 */
export async function chooseLocation(dataDir: string, logger: Logger): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  const location = join(await realpath(dataDir), 'postgres');
  const isLink = (await kindOf(location)) === 'other';
  if (!isLink && !(await mayReach(await findAccount(location), dirname(location)))) {
    await keepElsewhere(location, logger);
  }
  return (await target(location)) ?? location;
}
