import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './stale.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(root, ...parts);
const common = [
  'package-lock.json',
  'tsconfig.json',
  'scripts/build.js',
  'scripts/page-build.js',
  'scripts/server-build.js',
].map((name) => at(name));

async function buildPage(directory) {
  const [{ build }, { packFiles, pageOptions }] = await Promise.all([
    import('esbuild'),
    import('./page-build.js'),
  ]);
  await build(pageOptions(root, directory));
  await packFiles(directory);
}

async function buildServer(directory) {
  const { bundleServer } = await import('./server-build.js');
  await bundleServer(root, directory);
}

/** esbuild runs as a separate process, which would stay beside a node that is started after this. */
async function endService() {
  const { stop } = await import('esbuild');
  await stop();
}

/** Builds the server and the page if their sources are newer than the last build. */
export async function buildStale() {
  const page = [at('src/web'), at('src/client'), at('src/contract'), ...common];
  const [server, web] = await Promise.all([
    buildIfStale(at('dist'), [at('src'), ...common], buildServer),
    buildIfStale(at('public/assets'), page, buildPage),
  ]);
  if (server || web) await endService();
  return { server, web };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { server, web } = await buildStale();
  console.log(
    `server ${server ? 'built' : 'is up to date'}, page ${web ? 'built' : 'is up to date'}`,
  );
}
