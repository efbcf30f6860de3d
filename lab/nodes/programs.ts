import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

const REDIS_NAMES = ['redis-server', 'valkey-server'];
const CHROMIUM_NAMES = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The first of `names` that is on PATH, or an absolute path that exists. */
async function findProgram(names: readonly string[]): Promise<string | null> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const name of names) {
    const paths = isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name));
    for (const path of paths) if (await isExecutable(path)) return path;
  }
  return null;
}

export const findRedisServer = (): Promise<string | null> => findProgram(REDIS_NAMES);

export const findChromium = async (): Promise<string | null> =>
  process.env.CHROMIUM_PATH || findProgram(CHROMIUM_NAMES);

/** Finds a program by its usual name. */
export const findOnPath = (name: string): Promise<string | null> => findProgram([name]);

/** Debian installs these outside the PATH of ordinary users. */
const findInSbin = (name: string) => findProgram([name, `/usr/sbin/${name}`]);

export const findHaproxy = (): Promise<string | null> => findInSbin('haproxy');

export const findNginx = (): Promise<string | null> => findInSbin('nginx');
