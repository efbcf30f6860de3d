import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './stale.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(root, ...parts);
const common = [at('package-lock.json'), at('tsconfig.json'), at('scripts/build.js')];

function compile(directory) {
  const tsc = at('node_modules/typescript/bin/tsc');
  const args = [tsc, '-p', at('src/tsconfig.json'), '--outDir', directory];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', cwd: root });
  if (status !== 0) throw new Error('The server does not compile.');
}

/** How the page is bundled; `scripts/dev.js` watches with the same options. */
export const pageOptions = (directory) => ({
  absWorkingDir: root,
  entryPoints: { app: 'src/web/main.tsx' },
  outdir: directory,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'linked',
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
});

async function bundle(directory) {
  const { build } = await import('esbuild');
  await build(pageOptions(directory));
}

/** Builds the server and the page where their sources are younger than the last build. */
export async function buildStale() {
  const page = [at('src/web'), at('src/client'), at('src/contract'), ...common];
  const [server, web] = await Promise.all([
    buildIfStale(at('dist'), [at('src'), ...common], compile),
    buildIfStale(at('public/assets'), page, bundle),
  ]);
  return { server, web };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { server, web } = await buildStale();
  console.log(
    `server ${server ? 'built' : 'is up to date'}, page ${web ? 'built' : 'is up to date'}`,
  );
}
