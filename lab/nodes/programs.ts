import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';

const REDIS_NAMES = ['redis-server', 'valkey-server'];
const CHROMIUM_NAMES = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const FIREFOX_NAMES = [
  'firefox-esr',
  'firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
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

export const findFirefox = async (): Promise<string | null> =>
  process.env.FIREFOX_PATH || findProgram(FIREFOX_NAMES);

/** Finds a program by its usual name. */
export const findOnPath = (name: string): Promise<string | null> => findProgram([name]);

/** Packages of the system are seen by the system's Python, which need not be the first on PATH. */
const PYTHONS = ['python3', '/usr/bin/python3'];

/** Finds them without loading them, which would take half a second. */
const HAS_PACKAGES = `import importlib.util as u, sys
sys.exit(None in map(u.find_spec, ('socketio', 'requests', 'websocket')))`;

/** A Python with the packages of `examples/python`. */
export async function findPython(): Promise<string | null> {
  for (const python of PYTHONS) {
    const found = await promisify(execFile)(python, ['-c', HAS_PACKAGES]).then(
      () => true,
      () => false,
    );
    if (found) return python;
  }
  return null;
}

/** Debian installs these outside the PATH of ordinary users. */
const findInSbin = (name: string) => findProgram([name, `/usr/sbin/${name}`]);

export const findHaproxy = (): Promise<string | null> => findInSbin('haproxy');

export const findNginx = (): Promise<string | null> => findInSbin('nginx');
