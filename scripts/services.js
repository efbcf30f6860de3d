import { spawnSync } from 'node:child_process';
import { tsImport } from 'tsx/esm/api';

const { findChromium, findHaproxy, findNginx, findOnPath, findPython, findRedisServer } =
  await tsImport('../lab/nodes/programs.ts', import.meta.url);

/** RUNLEVEL keeps installed packages from being started as services. */
function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  return spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

/** On Debian and its derivatives, and only as root. Everything else is left to the user. */
function install(...debianPackages) {
  const mayInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
  if (!mayInstall) return;
  console.log(`${debianPackages.join(', ')} missing: installing with apt-get`);
  aptGet('update', '-qq');
  aptGet('install', '-y', '-qq', '--no-install-recommends', ...debianPackages);
}

/** Installs the first of several packages, or the next if it is not available. */
async function ensure(find, debianPackages, otherwise) {
  for (const debianPackage of debianPackages) {
    if (await find()) return;
    install(debianPackage);
  }
  const last = debianPackages.at(-1);
  if (!(await find())) throw new Error(`The tests need ${last}: install it${otherwise}.`);
}

/** For the Python example. */
const PYTHON = ['python3-socketio', 'python3-requests', 'python3-websocket'];

/** The first needs half as much CPU, because it draws no windows. Not every distribution has it. */
const CHROMIUM = ['chromium-headless-shell', 'chromium'];

/**
 * Programs that no npm package provides: Redis, load balancers, Chromium, tools of the README's examples, and
 * openssl.
 */
export async function ensureServices() {
  if (!process.env.REDIS_URL) await ensure(findRedisServer, ['redis-server'], ', or set REDIS_URL');
  await ensure(findHaproxy, ['haproxy'], '');
  await ensure(findNginx, ['nginx-light'], ' (nginx)');
  await ensure(findChromium, CHROMIUM, ', or set CHROMIUM_PATH');
  if (!(await findPython())) {
    install(...PYTHON);
    if (!(await findPython()))
      throw new Error(`The tests need ${PYTHON.join(', ')}: install them.`);
  }
  for (const tool of ['curl', 'jq', 'openssl']) await ensure(() => findOnPath(tool), [tool], '');
}
