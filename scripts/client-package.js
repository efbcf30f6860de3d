import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
/** The source of each entry: `parley-client`, and folders of it. */
const ENTRIES = { index: 'main', stream: 'stream', admin: 'admin', extras: 'extras' };
const typesOf = (name) => `types/client/${name}.d.ts`;

const optionsOf = (name) => ({
  absWorkingDir: root,
  entryPoints: [`src/client/${name}.ts`],
  bundle: true,
  packages: 'external',
  format: 'esm',
  target: 'es2022',
  minify: true,
  write: false,
  logLevel: 'warning',
});

/** esbuild leaves a twentieth too much. */
const SMALLER = {
  module: true,
  compress: { ecma: 2020, passes: 2, pure_getters: true, reduce_funcs: false, hoist_funs: true },
  format: { ecma: 2020 },
};

/**
 * One file for each entry, and none that they share, because a whole file is minified better. socket.io-client is
 * installed beside them.
 */
async function bundle(directory) {
  const [{ build, stop }, { minify }] = await Promise.all([import('esbuild'), import('terser')]);
  await Promise.all(
    Object.entries(ENTRIES).map(async ([to, from]) => {
      const [{ text }] = (await build(optionsOf(from))).outputFiles;
      const { code } = await minify(text, SMALLER);
      await writeFile(join(directory, `${to}.js`), code);
    }),
  );
  await stop();
}

const IMPORTED = /\bfrom '(\.[^']+)\.js'|\bimport\('(\.[^']+)\.js'\)/g;

/** Copies a declaration, and those that it imports. */
async function copyTypes(from, to, name, done) {
  if (done.has(name)) return;
  done.add(name);
  const text = await readFile(join(from, name), 'utf8');
  await mkdir(join(to, dirname(name)), { recursive: true });
  await writeFile(join(to, name), text);
  for (const [, imported, inline] of text.matchAll(IMPORTED)) {
    await copyTypes(from, to, join(dirname(name), `${imported ?? inline}.d.ts`), done);
  }
}

/** Declarations of the parts that users of the package can reach, with their doc comments. */
async function declare(directory) {
  const work = await mkdtemp(join(tmpdir(), 'parley-types-'));
  try {
    const config = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        ...{ noEmit: false, declaration: true, emitDeclarationOnly: true },
        ...{ rootDir: join(root, 'src'), outDir: join(work, 'types') },
        ...{ types: ['node'], typeRoots: [join(root, 'node_modules/@types')] },
      },
      include: [],
      files: Object.values(ENTRIES).map((name) => join(root, `src/client/${name}.ts`)),
    };
    await writeFile(join(work, 'tsconfig.json'), JSON.stringify(config));
    await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', work]);
    const done = new Set();
    for (const name of Object.values(ENTRIES))
      await copyTypes(work, directory, typesOf(name), done);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function exportOf([to, from]) {
  const file = `./${to}.js`;
  const conditions = { types: `./${typesOf(from)}`, 'react-native': file, default: file };
  return [to === 'index' ? '.' : `./${to}`, conditions];
}

async function describe(directory) {
  const { version, license, dependencies } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  );
  const manifest = {
    ...{ name: 'parley-client', version, license },
    description: 'Client of a Parley gateway: answers of AI models arrive exactly once.',
    keywords: ['parley', 'chat', 'ai', 'llm', 'socket.io', 'streaming'],
    type: 'module',
    sideEffects: false,
    main: './index.js',
    types: `./${typesOf(ENTRIES.index)}`,
    exports: {
      ...Object.fromEntries(Object.entries(ENTRIES).map(exportOf)),
      './package.json': './package.json',
    },
    engines: { node: '>=20' },
    dependencies: { 'socket.io-client': dependencies['socket.io-client'] },
  };
  await writeFile(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await cp(join(root, 'src/client/README.md'), join(directory, 'README.md'));
  await cp(join(root, 'LICENSE'), join(directory, 'LICENSE'));
}

/** Makes the npm package of the SDK in a directory, and resolves to its path. */
export async function packClient(to) {
  const directory = await mkdtemp(join(tmpdir(), 'parley-client-'));
  try {
    await Promise.all([bundle(directory), declare(directory), describe(directory)]);
    const options = ['--json', '--ignore-scripts', '--pack-destination', to];
    const { stdout } = await run('npm', ['pack', directory, ...options], { cwd: root });
    const [{ filename }] = JSON.parse(stdout);
    return join(to, filename);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
