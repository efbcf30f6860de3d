import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './stale.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(root, ...parts);
const common = [
  'package-lock.json',
  'tsconfig.json',
  'scripts/build.js',
  'scripts/server-build.js',
].map((name) => at(name));

/** Options of the page's bundle; `scripts/dev.js` watches with the same ones. */
export const pageOptions = (directory) => ({
  absWorkingDir: root,
  entryPoints: { app: 'src/web/main.tsx', formulas: 'src/web/styles/formulas.css' },
  outdir: directory,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'linked',
  chunkNames: 'chunks/[name]-[hash]',
  assetNames: 'fonts/[name]-[hash]',
  loader: { '.woff2': 'file' },
  // Every browser with modules reads the first format of a font.
  external: ['*.woff', '*.ttf'],
  logLevel: 'warning',
});

async function buildPage(directory) {
  const { build } = await import('esbuild');
  await build(pageOptions(directory));
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
