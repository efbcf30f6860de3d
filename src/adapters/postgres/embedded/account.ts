import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The account that the server runs as; null: the account of this process. */
export type Account = { uid: number; gid: number } | null;

const isRoot = () => process.getuid?.() === 0;

const idOf = async (flag: '-u' | '-g', name: string) =>
  Number((await run('id', [flag, name])).stdout);

async function lookUp(name: string): Promise<Account> {
  try {
    return { uid: await idOf('-u', name), gid: await idOf('-g', name) };
  } catch {
    return null;
  }
}

async function createPostgresUser(): Promise<Account> {
  try {
    await run('useradd', ['--system', '--user-group', '--shell', '/usr/sbin/nologin', 'postgres']);
  } catch (cause) {
    throw new Error(
      'Postgres refuses to run as root and no user `postgres` could be created for it: ' +
        'create one, start as an ordinary user, or set DATABASE_URL.',
      { cause },
    );
  }
  return lookUp('postgres');
}

/**
 * Postgres refuses to run as root. So root starts it as the owner of the data; new data belong to the user `postgres`.
 */
export async function findAccount(clusterDir: string): Promise<Account> {
  if (!isRoot()) return null;
  const owner = await stat(clusterDir).catch(() => null);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return (await lookUp('postgres')) ?? (await createPostgresUser());
}

/** Whether the account may pass through or execute `path`. Only the kernel can judge all parents and ACLs. */
export async function mayReach(account: Account, path: string): Promise<boolean> {
  if (!account) return true;
  try {
    await run('test', ['-x', path], { ...account, cwd: '/' });
    return true;
  } catch {
    return false;
  }
}

/** Runs a Postgres program as the account, without the environment and its secrets. */
export async function runAs(account: Account, program: string, args: string[]): Promise<void> {
  const plain = process.platform !== 'win32' && { env: { LC_ALL: 'C' }, cwd: '/' };
  await run(program, args, { ...account, ...plain, timeout: 120_000 });
}
