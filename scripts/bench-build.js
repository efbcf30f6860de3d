// Bundles the programs that benches run as separate processes: a bundle starts much faster than its sources.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './stale.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const OUTPUT = 'node_modules/.cache/parley-bench';
const FOLDERS = ['peers', 'clients', 'support'];
const SOURCES = ['bench', 'lab', 'src', 'package-lock.json', 'scripts/bench-build.js'];

/** Every TypeScript file in these folders, as an entry point with the path of its source. */
async function entryPoints() {
  const names = await Promise.all(
    FOLDERS.map(async (folder) =>
      (await readdir(join(root, 'bench', folder)))
        .filter((name) => name.endsWith('.ts'))
        .map((name) => `bench/${folder}/${name}`),
    ),
  );
  return names.flat();
}

async function bundle(directory) {
  const { build, stop } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints: await entryPoints(),
    outbase: root,
    outdir: directory,
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    sourcemap: true,
    logLevel: 'warning',
  });
  await stop();
}

await buildIfStale(
  join(root, OUTPUT),
  SOURCES.map((path) => join(root, path)),
  bundle,
);
