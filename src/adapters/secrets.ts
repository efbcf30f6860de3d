import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Secrets {
  secretKey: string;
  refreshSecretKey: string;
}

const NAME = 'secrets.json';

async function readSecrets(path: string): Promise<Secrets | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : JSON.parse(text);
}

const newSecret = () => randomBytes(48).toString('base64url');

/** Written beside its place and linked there whole: of nodes that start together all get the first one's. */
async function create(path: string): Promise<void> {
  const part = `${path}.${randomBytes(4).toString('hex')}`;
  const secrets: Secrets = { secretKey: newSecret(), refreshSecretKey: newSecret() };
  await writeFile(part, JSON.stringify(secrets), { mode: 0o600 });
  await link(part, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(part);
}

/** The data directory's own secrets, made on first use and readable by this user only. For development. */
export async function ensureDevelopmentSecrets(dataDir: string): Promise<Secrets> {
  const path = join(dataDir, NAME);
  const found = await readSecrets(path);
  if (found) return found;
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  await create(path);
  const made = await readSecrets(path);
  if (!made) throw new Error(`${path} could not be made`);
  return made;
}
