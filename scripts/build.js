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
  'scripts/page-parts.js',
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

async function buildReferences(directory) {
  const { writeReferences } = await import('./references-build.js');
  await writeReferences(root, directory);
}

/** esbuild runs as a separate process, which would stay beside a node that is started after this. */
async function endService() {
  const { stop } = await import('esbuild');
  await stop();
}

/** Builds the references if their sources have changed. */
export const buildStaleReferences = () => {
  const told = ['src/contract', 'src/http', 'src/validation', 'src/web/docs', 'package.json'];
  const styles = ['tokens', 'base', 'controls', 'code'].map((name) => `src/web/styles/${name}.css`);
  const makers = ['scripts/references', 'scripts/references.ts', 'scripts/references-build.js'];
  const sources = [...told, ...styles, ...makers].map((path) => at(path));
  return buildIfStale(at('public/references'), [...sources, ...common], buildReferences);
};

/** Builds the server and the page if their sources are newer than the last build. */
export async function buildStale() {
  const page = [at('src/web'), at('src/client'), at('src/contract'), ...common];
  const [server, web, references] = await Promise.all([
    buildIfStale(at('dist'), [at('src'), ...common], buildServer),
    buildIfStale(at('public/assets'), page, buildPage),
    buildStaleReferences(),
  ]);
  if (server || web || references) await endService();
  return { server, web, references };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const built = Object.entries({ ...(await buildStale()) });
  console.log(
    built.map(([part, isNew]) => `${part} ${isNew ? 'built' : 'is up to date'}`).join(', '),
  );
}
