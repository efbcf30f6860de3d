import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const ENTRIES = {
  app: 'src/web/main.tsx',
  formulas: 'src/web/styles/formulas.css',
};
const PACKED = /\.(?:css|html|js)$/;
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
  target: 'es2022',
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
  plugins: [indexPlugin(root, directory)],
});

/** Writes the document that loads what was built. */
const indexPlugin = (root, directory) => ({
  name: 'index',
  setup({ onEnd }) {
    onEnd(async ({ metafile, errors }) => {
      if (errors.length > 0) return;
      const template = await readFile(join(root, 'src/web/index.html'), 'utf8');
      await writeFile(join(directory, 'index.html'), indexOf(template, addressesIn(metafile)));
    });
  },
});

/** Addresses of what was built from which source. */
function addressesIn({ outputs }) {
  // The bundle's directory has another name until it is complete.
  const address = (path) => `/assets/${/(?:chunks\/|fonts\/)?[^/]+$/.exec(path)[0]}`;
  const built = Object.entries(outputs).filter(([path]) => !path.endsWith('.map'));
  // `src` may be a link to another directory.
  const from = (source) => built.find(([, { entryPoint }]) => entryPoint?.endsWith(source));
  const [appPath, app] = from(ENTRIES.app);
  return {
    app: address(appPath),
    styles: address(app.cssBundle),
    formulas: address(from(ENTRIES.formulas)[0]),
    needed: app.imports
      .filter(({ kind }) => kind === 'import-statement')
      .map(({ path }) => address(path)),
  };
}

const indexOf = (template, { app, styles, formulas, needed }) =>
  template
    .replace('{{app}}', app)
    .replace('{{styles}}', styles)
    .replace('{{formulas}}', formulas)
    .replace(
      '{{needed}}',
      needed.map((href) => `<link rel="modulepreload" href="${href}" />`).join('\n    '),
    );

const packers = {
  br: (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  gz: (bytes) => promisify(gzip)(bytes, { level: 9 }),
};

/** Puts packed copies beside the files, which the server sends to those who accept them. */
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
