import { spawnSync } from 'node:child_process';
import { tsImport } from 'tsx/esm/api';

const { findChromium, findHaproxy, findNginx, findOnPath, findRedisServer } = await tsImport(
  '../lab/nodes/programs.ts',
  import.meta.url,
);

/** RUNLEVEL keeps what is installed from being started as a service. */
function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  return spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

/** On Debian and its kin, as root only; anything else is the user's to decide. */
function install(debianPackage) {
  const mayInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
  if (!mayInstall) return;
  console.log(`${debianPackage} is missing: installing it with apt-get`);
  aptGet('update', '-qq');
  aptGet('install', '-y', '-qq', '--no-install-recommends', debianPackage);
}

/** Of several packages the first is wanted, and the others do where it is not to be had. */
async function ensure(find, debianPackages, otherwise) {
  for (const debianPackage of debianPackages) {
    if (await find()) return;
    install(debianPackage);
  }
  const last = debianPackages.at(-1);
  if (!(await find())) throw new Error(`The tests need ${last}: install it${otherwise}.`);
}

/** The first needs half as much CPU, for it draws no windows; not every distribution has it. */
const CHROMIUM = ['chromium-headless-shell', 'chromium'];

/** What no npm package brings: Redis, load balancers, Chromium, what the examples of the README are written with, and what makes certificates. */
export async function ensureServices() {
  if (!process.env.REDIS_URL) await ensure(findRedisServer, ['redis-server'], ', or set REDIS_URL');
  await ensure(findHaproxy, ['haproxy'], '');
  await ensure(findNginx, ['nginx-light'], ' (nginx)');
  await ensure(findChromium, CHROMIUM, ', or set CHROMIUM_PATH');
  for (const tool of ['curl', 'jq', 'openssl']) await ensure(() => findOnPath(tool), [tool], '');
}
