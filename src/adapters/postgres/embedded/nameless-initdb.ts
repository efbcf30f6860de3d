import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';

const ASKS = '\0getpwuid\0';
/** The replacement: it has the same length, takes no argument, and returns the first user of the list. */
const ANSWERS = '\0getpwent\0';

/** Whether the list of users lacks the one that runs this process, as in containers with a uid of their own. */
export function isNameless(): boolean {
  try {
    return userInfo().username === '';
  } catch {
    return true;
  }
}

export interface Initdb {
  program: string;
  remove(): Promise<void>;
}

async function copyNameless(from: string, to: string): Promise<void> {
  const code = await readFile(from, 'latin1');
  await writeFile(to, code.replaceAll(ASKS, ANSWERS), { encoding: 'latin1', mode: 0o700 });
}

/**
 * `initdb`, and the `postgres` that it runs, refuse a user without a name, although an argument names the owner of
 * the data. Makes single-use copies in `dir` that accept any user. The server itself does not check.
 */
export async function namelessInitdb(initdb: string, dir: string): Promise<Initdb> {
  const bin = dirname(initdb);
  await mkdir(join(dir, 'bin'), { recursive: true, mode: 0o700 });
  for (const name of ['initdb', 'postgres']) {
    await copyNameless(join(bin, name), join(dir, 'bin', name));
  }
  for (const name of ['lib', 'share']) await symlink(join(dirname(bin), name), join(dir, name));
  return {
    program: join(dir, 'bin', 'initdb'),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
