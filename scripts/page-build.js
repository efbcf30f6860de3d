import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { fewFiles } from './page-parts.js';

const ENTRIES = {
  app: 'src/web/main.ts',
  formulas: 'src/web/styles/formulas.css',
  admin: 'src/web/styles/admin.css',
};
/** The files of the first view, and those that logged-in people need. */
const START = 'src/web/start.tsx';
const CHAT = 'src/web/chat-part.ts';
/** Parts that only some browsers need at once. */
const TEXTS = { en: 'src/web/i18n/en.ts', 'zh-CN': 'src/web/i18n/zh.ts' };
const BOOT = 'src/web/boot.ts';
/** Further files for reading, also without a network. */
const READING = ['src/web/markdown/formatting.ts', 'src/web/markdown/code/highlighter.ts'];
const WORKER = 'src/web/worker/main.ts';
/** Characters of a build's name. */
const BUILD_CHARS = 12;
const PACKED = /\.(?:css|html|js|json)$/;
/** Smaller files fit into one packet as they are. */
const PACKED_BYTES = 1_000;

/** Options of the page's bundle. `dev`: readable, and with names that stay. */
export const pageOptions = (root, directory, dev = false) => ({
  absWorkingDir: root,
  entryPoints: ENTRIES,
  outdir: directory,
  bundle: true,
  splitting: true,
  format: 'esm',
  // Letters of other scripts take their own bytes, not those of escapes.
  charset: 'utf8',
  target: 'es2022',
  // The setting of tsconfig does not reach files that a plugin finds.
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: !dev,
  metafile: true,
  legalComments: 'linked',
  entryNames: dev ? '[name]' : '[name]-[hash]',
  chunkNames: 'chunks/[name]-[hash]',
  assetNames: 'fonts/[name]-[hash]',
  loader: { '.woff2': 'file' },
  // Every browser with modules reads the first format of a font.
  external: ['*.woff', '*.ttf'],
  logLevel: 'warning',
  plugins: [fewFiles(root), indexPlugin(root, directory, dev)],
});

/** Writes the document that loads the bundle, and the service worker that keeps it. In development there is none. */
const indexPlugin = (root, directory, dev) => ({
  name: 'index',
  setup({ onEnd, esbuild, initialOptions }) {
    onEnd(async ({ metafile, errors }) => {
      if (errors.length > 0) return;
      const boot = await buildBoot(esbuild, initialOptions);
      const template = await readFile(join(root, 'src/web/index.html'), 'utf8');
      const { reading, ...addresses } = addressesIn(metafile);
      const document = indexOf(template, { boot, ...addresses });
      // The document names all files that it needs, and these name the others.
      const build = dev
        ? ''
        : createHash('sha256').update(document).digest('hex').slice(0, BUILD_CHARS);
      await writeFile(join(directory, 'index.html'), document.replace('{{build}}', build));
      await writeFile(join(directory, 'build.txt'), build);
      const { app, styles, needed, later } = addresses;
      const shell = new Set([
        app,
        boot,
        styles,
        ...needed,
        ...later.map(([, at]) => at),
        ...reading,
      ]);
      if (!dev) await buildWorker(esbuild, initialOptions, build, [...shell]);
    });
  },
});

// The bundle's directory has another name until it is complete.
const address = (path) => `/assets/${/(?:chunks\/|fonts\/)?[^/]+$/.exec(path)[0]}`;

/** A classic script, which a browser runs where it stands. Returns its address. */
async function buildBoot(esbuild, { absWorkingDir, outdir, target, minify, entryNames }) {
  const same = { absWorkingDir, outdir, target, minify, entryNames };
  const entryPoints = { boot: BOOT };
  const { metafile } = await esbuild.build({
    ...{ ...same, entryPoints, bundle: true, format: 'iife', metafile: true, logLevel: 'warning' },
  });
  return address(Object.keys(metafile.outputs)[0]);
}

/** The service worker of a build. `shell`: the addresses of the files that it keeps from its start on. */
async function buildWorker(esbuild, { absWorkingDir, outdir, target, charset }, build, shell) {
  await esbuild.build({
    ...{ absWorkingDir, target, charset, bundle: true, format: 'iife', minify: true },
    entryPoints: [WORKER],
    outfile: join(outdir, 'sw.js'),
    define: { BUILD: JSON.stringify(build), SHELL: JSON.stringify(shell) },
    ...{ legalComments: 'linked', logLevel: 'warning' },
  });
}

/** Addresses of built files by their sources. */
function addressesIn({ outputs }) {
  const built = Object.entries(outputs).filter(([path]) => !path.endsWith('.map'));
  // `src` may be a link to another directory.
  const from = (source) => built.find(([, { entryPoint }]) => entryPoint?.endsWith(source));
  const [appPath, app] = from(ENTRIES.app);
  /** A file, and those that it cannot run without. */
  const withNeeded = (path, met = new Set()) => {
    if (met.has(path)) return met;
    met.add(path);
    for (const { path: next, kind } of outputs[path].imports)
      if (kind === 'import-statement') withNeeded(next, met);
    return met;
  };
  const start = withNeeded(from(START)[0]);
  const chat = [...withNeeded(from(CHAT)[0])].filter((path) => !start.has(path));
  return {
    app: address(appPath),
    styles: address(app.cssBundle),
    formulas: address(from(ENTRIES.formulas)[0]),
    admin: address(from(ENTRIES.admin)[0]),
    needed: [...start].map(address),
    reading: READING.flatMap((source) => [...withNeeded(from(source)[0])]).map(address),
    later: [
      ...chat.map((path) => ['chat', address(path)]),
      ...Object.entries(TEXTS).map(([name, source]) => [`texts-${name}`, address(from(source)[0])]),
    ],
  };
}

const indexOf = (template, { app, boot, styles, formulas, admin, needed, later }) =>
  template
    .replace('{{app}}', app)
    .replace('{{boot}}', boot)
    .replace('{{styles}}', styles)
    .replace('{{formulas}}', formulas)
    .replace('{{admin}}', admin)
    .replace(
      '{{needed}}',
      needed.map((href) => `<link rel="modulepreload" href="${href}" />`).join('\n    '),
    )
    .replace(
      '{{later}}',
      later.map(([part, href]) => `<link data-part="${part}" href="${href}" />`).join('\n    '),
    );

const packers = {
  br: (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  gz: (bytes) => promisify(gzip)(bytes, { level: 9 }),
};

/** Puts packed copies beside the files, which the server sends to browsers that accept them. */
export async function packFiles(directory) {
  const names = await readdir(directory, { recursive: true });
  const pack = async (name) => {
    const bytes = await readFile(join(directory, name));
    if (bytes.length < PACKED_BYTES) return;
    for (const [ending, packer] of Object.entries(packers)) {
      await writeFile(join(directory, `${name}.${ending}`), await packer(bytes));
    }
  };
  await Promise.all(names.filter((name) => PACKED.test(basename(name))).map(pack));
}
