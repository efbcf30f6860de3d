import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { packFiles } from './page-build.js';

const ENTRIES = { styles: 'src/web/docs/docs.css', script: 'src/web/docs/main.ts' };
const PAGES = ['docs.en.html', 'docs.zh.html'];

/** Bundles style and script of the page. Returns their addresses by their names. */
async function bundlePage(root, directory) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.values(ENTRIES),
    outdir: directory,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    metafile: true,
    entryNames: 'docs-[hash]',
    logLevel: 'warning',
  });
  const outputs = Object.entries(metafile.outputs);
  const from = (source) => outputs.find(([, { entryPoint }]) => entryPoint?.endsWith(source))[0];
  return Object.entries(ENTRIES).map(([name, source]) => [
    name,
    `/references/${basename(from(source))}`,
  ]);
}

/** Writes the references, and packed copies beside them. A separate process asks the compiler, and ends. */
export async function writeReferences(root, directory) {
  const script = join(root, 'scripts/references.ts');
  const run = promisify(execFile);
  const [addresses] = await Promise.all([
    bundlePage(root, directory),
    run(process.execPath, ['--import', 'tsx', script, directory], { cwd: root }),
  ]);
  for (const name of PAGES) {
    const path = join(directory, name);
    const page = await readFile(path, 'utf8');
    const filled = addresses.reduce((text, [key, to]) => text.replace(`{{${key}}}`, to), page);
    await writeFile(path, filled);
  }
  await packFiles(directory);
}
