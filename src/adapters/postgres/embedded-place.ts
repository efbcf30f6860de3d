import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readlink, realpath, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { findAccount, mayReach } from './embedded-account.js';

/** For root only: what the postgres user must reach when it cannot reach the project. */
export const SHARED = '/var/lib/parley';

/** The link's target, whether it exists or not; null when `path` is no link. */
async function target(path: string): Promise<string | null> {
  const link = await readlink(path).catch(() => null);
  return link === null ? null : resolve(dirname(path), link);
}

async function keepElsewhere(place: string, logger: Logger): Promise<void> {
  const id = createHash('sha256').update(place).digest('hex').slice(0, 12);
  const parent = join(SHARED, id);
  await mkdir(parent, { recursive: true });
  await chmod(SHARED, 0o755);
  await chmod(parent, 0o711);
  // Another node may just have made the same link.
  await symlink(join(parent, 'postgres'), place).catch(() => {});
  logger.warn(
    { dir: parent },
    `${place} is closed to the postgres user: the data are kept elsewhere`,
  );
}

/**
 * `<dataDir>/postgres`. Where root's `dataDir` is closed to the postgres user (below /root, as a rule) that
 * is a link to a directory below /var/lib/parley: the data are always found from `dataDir`.
 */
export async function choosePlace(dataDir: string, logger: Logger): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  const place = join(await realpath(dataDir), 'postgres');
  const isNew = !(await lstat(place).catch(() => null));
  if (isNew && !(await mayReach(await findAccount(place), dirname(place)))) {
    await keepElsewhere(place, logger);
  }
  return (await target(place)) ?? place;
}
