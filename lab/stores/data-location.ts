import { existsSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const MEMORY = '/dev/shm';
const TMPFS = 0x01021994;
const ENOUGH_BYTES = 2 * 2 ** 30;

function isRoomy(path: string): boolean {
  const { type, bavail, bsize } = statfsSync(path);
  return type === TMPFS && bavail * bsize >= ENOUGH_BYTES;
}

/**
 * The directory for data of Postgres in tests: in memory where Linux offers enough. A test's database is 500 files,
 * and a file system on disk may spend twenty times the CPU on creating and removing these, above all ext4 without a
 * journal, which passes over each inode that was freed a moment ago. `TEST_DATA` names another place.
 */
export const dataLocation = (): string =>
  process.env.TEST_DATA ?? (existsSync(MEMORY) && isRoomy(MEMORY) ? MEMORY : tmpdir());
