import { spawnSync } from 'node:child_process';
import { tsImport } from 'tsx/esm/api';

const {
  findChromium,
  findFirefox,
  findHaproxy,
  findNginx,
  findOnPath,
  findPython,
  findRedisServer,
} = await tsImport('../lab/nodes/programs.ts', import.meta.url);

/** RUNLEVEL keeps installed packages from being started as services. */
function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  return spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

/** Installs on Debian and its derivatives, and only as root. Everything else is left to the user. */
function createInstaller() {
  const mayInstall = () =>
    process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
  let isUpToDate = false;
  return (...debianPackages) => {
    if (!mayInstall()) return;
    console.log(`${debianPackages.join(', ')} missing: installing with apt-get`);
    if (!isUpToDate) aptGet('update', '-qq');
    isUpToDate = true;
    aptGet('install', '-y', '-qq', '--no-install-recommends', ...debianPackages);
  };
}

/** Installs the first of several packages, or the next if it is not available. */
async function ensure(install, find, debianPackages, otherwise = '') {
  for (const debianPackage of debianPackages) {
    if (await find()) return;
    install(debianPackage);
  }
  const last = debianPackages.at(-1);
  if (!(await find())) throw new Error(`The tests need ${last}: install it${otherwise}.`);
}

/** Packages that the Python example needs. */
const PYTHON = ['python3-socketio', 'python3-requests', 'python3-websocket'];

/** The first needs half as much CPU, because it draws no windows. Not every distribution has it. */
const CHROMIUM = ['chromium-headless-shell', 'chromium'];

/** Debian has the first only. */
const FIREFOX = ['firefox-esr', 'firefox'];

/**
 * Programs that no npm package provides: Redis, load balancers, browsers, tools of the README's examples, and
 * openssl.
 */
export async function ensureServices() {
  const install = createInstaller();
  const need = (find, debianPackages, otherwise) =>
    ensure(install, find, debianPackages, otherwise);
  if (!process.env.REDIS_URL) await need(findRedisServer, ['redis-server'], ', or set REDIS_URL');
  await need(findHaproxy, ['haproxy']);
  await need(findNginx, ['nginx-light'], ' (nginx)');
  await need(findChromium, CHROMIUM, ', or set CHROMIUM_PATH');
  await need(findFirefox, FIREFOX, ', or set FIREFOX_PATH');
  if (!(await findPython())) {
    install(...PYTHON);
    if (!(await findPython()))
      throw new Error(`The tests need ${PYTHON.join(', ')}: install them.`);
  }
  for (const tool of ['curl', 'jq', 'openssl']) await need(() => findOnPath(tool), [tool]);
}
