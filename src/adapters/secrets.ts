import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The first secret of each list signs, all verify. */
export interface Secrets {
  secretKeys: string[];
  refreshSecretKeys: string[];
}

/** The file's content: lists separated by commas, as in the environment. */
interface SecretsFile {
  secretKey: string;
  refreshSecretKey: string;
  /** When each of the older secrets stopped signing, newest first; ISO 8601. */
  retiredAt?: string[];
}

const NAME = 'secrets.json';
const SECRETS_MAX = 10;

export const newSecret = (): string => randomBytes(48).toString('base64url');

async function readSecretsFile(path: string): Promise<SecretsFile | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : JSON.parse(text);
}

/** Written under another name, and then renamed or linked, so that nobody reads half of it. */
async function writeBeside(path: string, secrets: SecretsFile): Promise<string> {
  const part = `${path}.${randomBytes(4).toString('hex')}`;
  await writeFile(part, JSON.stringify(secrets), { mode: 0o600 });
  return part;
}

/** Linked instead of renamed, so that nodes that start together all get the first one's secrets. */
async function create(path: string): Promise<void> {
  const part = await writeBeside(path, { secretKey: newSecret(), refreshSecretKey: newSecret() });
  await link(part, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(part);
}

async function ensureFile(dataDir: string): Promise<SecretsFile> {
  const path = join(dataDir, NAME);
  const found = await readSecretsFile(path);
  if (found) return found;
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  await create(path);
  const made = await readSecretsFile(path);
  if (!made) throw new Error(`${path} could not be made`);
  return made;
}

/** The data directory's own secrets, created on first use and readable only by this user. For development. */
export async function ensureDevelopmentSecrets(dataDir: string): Promise<Secrets> {
  const { secretKey, refreshSecretKey } = await ensureFile(dataDir);
  return { secretKeys: secretKey.split(','), refreshSecretKeys: refreshSecretKey.split(',') };
}

/**
 * Puts new secrets before the current ones, which stay as long as their tokens may live. Nodes read them at their
 * next start. Returns the path of the file.
 */
export async function rotateDevelopmentSecrets(
  dataDir: string,
  tokenLifeMs: number,
  now = Date.now(),
): Promise<string> {
  const path = join(dataDir, NAME);
  const file = await ensureFile(dataDir);
  const retiredAt = [new Date(now).toISOString(), ...(file.retiredAt ?? [])]
    .filter((at) => now - Date.parse(at) < tokenLifeMs)
    .slice(0, SECRETS_MAX - 1);
  const before = (list: string) =>
    [newSecret(), ...list.split(',').slice(0, retiredAt.length)].join(',');
  const { secretKey, refreshSecretKey } = file;
  const next = { secretKey: before(secretKey), refreshSecretKey: before(refreshSecretKey) };
  await rename(await writeBeside(path, { ...next, retiredAt }), path);
  return path;
}
