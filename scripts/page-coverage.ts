// Tells c8 which lines of the page's sources browsers executed: `page-coverage.ts PAGES COVERED`. c8 itself would
// assign minified code of many sources in one file to wrong lines, and would count functions that a bundle leaves out
// as executed.
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { build, stop } from 'esbuild';
import { added, beginnings, countAt, lineLengths, type Steps } from './mutants/coverage.js';
import { type Hits, linesOf } from './page-lines.js';

const ROOT = process.cwd();
const ASSETS = 'public/assets';
/** The hash in a file's name, which differs with a source map. */
const HASH = /-[A-Z0-9]{8}(?=\.(?:js|css)\b)/g;

interface SourceMap {
  mappings: string;
  sources: string[];
  sourcesContent: string[];
}

/** The source maps of the page, by the code they are of, without hashes. The served code has none. */
async function pageMaps(): Promise<Map<string, SourceMap>> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'parley-maps-')));
  const { pageOptions } = await import('./page-build.js');
  try {
    await build({ ...pageOptions(ROOT, directory), sourcemap: 'external' });
    await stop();
    const names = await readdir(directory, { recursive: true });
    const maps = names.filter((name) => name.endsWith('.js.map'));
    const pairs = maps.map(async (name): Promise<[string, SourceMap]> => {
      const map = JSON.parse(await readFile(join(directory, name), 'utf8'));
      const code = await readFile(join(directory, name.slice(0, -'.map'.length)), 'utf8');
      const sources = map.sources.map((source: string) =>
        relative(ROOT, resolve(directory, dirname(name), source)),
      );
      return [code.replace(HASH, ''), { ...map, sources }];
    });
    return new Map(await Promise.all(pairs));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The records of all test processes, by the names of the page's files. */
async function recorded(directory: string): Promise<Map<string, Steps>> {
  const all = new Map<string, Steps>();
  for (const name of await readdir(directory)) {
    const one: Record<string, Steps> = JSON.parse(await readFile(join(directory, name), 'utf8'));
    for (const [asset, steps] of Object.entries(one))
      all.set(asset, added(all.get(asset) ?? [], steps));
  }
  return all;
}

/** The hits of each source of the page that is in this file of the bundle. */
function hitsIn(map: SourceMap, code: string, steps: Steps, texts: Texts): Map<string, Hits> {
  const starts = beginnings(lineLengths(code));
  const found = map.sources.map(() => new Map<number, number>());
  // The build puts imports before some sources.
  const before = map.sources.map((source, index) => {
    const built = lineLengths(map.sourcesContent[index] ?? '').length;
    return built - lineLengths(texts.get(source) ?? '').length;
  });
  decode(map.mappings).forEach((segments, row) => {
    for (const [column, source, sourceLine] of segments) {
      if (source === undefined || sourceLine === undefined) continue;
      const line = sourceLine - (before[source] ?? 0);
      const count = countAt(steps, (starts[row] ?? 0) + column);
      found[source]?.set(line, Math.max(found[source]?.get(line) ?? 0, count));
    }
  });
  const own = map.sources.map((source, index): [string, Hits] => [
    source,
    found[index] ?? new Map(),
  ]);
  return new Map(own.filter(([source]) => texts.has(source)));
}

type Texts = ReadonlyMap<string, string>;

async function textsOf(maps: Iterable<SourceMap>): Promise<Texts> {
  const files = new Set([...maps].flatMap(({ sources }) => sources));
  const own = [...files].filter((file) => /^src\/.*\.tsx?$/.test(file));
  const pairs = own.map(
    async (file): Promise<[string, string]> => [file, await readFile(file, 'utf8')],
  );
  return new Map(await Promise.all(pairs));
}

/** Each run of lines with the same count, in the form of V8. It names no functions: minified ones have other names. */
function functionsOf(text: string, counts: readonly number[]) {
  const starts = [...beginnings(lineLengths(text)), text.length + 1];
  const begins = counts.flatMap((count, line) => (count === counts[line - 1] ? [] : [line]));
  return begins.map((line, index) => ({
    functionName: '',
    isBlockCoverage: false,
    ranges: [
      {
        startOffset: starts[line] ?? 0,
        endOffset: (starts[begins[index + 1] ?? counts.length] ?? 0) - 1,
        count: counts[line] ?? 0,
      },
    ],
  }));
}

/** A file that does not exist, with lines at the same places: c8 keeps one map for each file, and Node's is another. */
function scriptOf(file: string, text: string, counts: readonly number[]) {
  const url = pathToFileURL(resolve('public/sources', file)).href;
  const lengths = lineLengths(text);
  const mappings = encode(lengths.map((_, line) => [[0, 0, line, 0]]));
  const data = {
    version: 3,
    names: [],
    sources: [resolve(file)],
    sourcesContent: [text],
    mappings,
  };
  return {
    script: { scriptId: file, url, functions: functionsOf(text, counts) },
    map: [url, { lineLengths: lengths, data }] as const,
  };
}

const [pages = '', covered = ''] = process.argv.slice(2);
const steps = await recorded(pages);
if (steps.size > 0) {
  const maps = await pageMaps();
  const texts = await textsOf(maps.values());
  const scripts = [];
  for (const [asset, one] of steps) {
    const code = await readFile(join(ASSETS, asset), 'utf8').catch(() => '');
    const map = maps.get(code.replace(HASH, ''));
    // Boot has no source map, nor have files that a test invents.
    if (!map) continue;
    for (const [file, hits] of hitsIn(map, code, one, texts)) {
      const text = texts.get(file) ?? '';
      scripts.push(scriptOf(file, text, linesOf(file, text, hits)));
    }
  }
  if (scripts.length === 0) throw new Error('What browsers executed has no source map.');
  const result = scripts.map(({ script }) => script);
  const cache = Object.fromEntries(scripts.map(({ map }) => map));
  await mkdir(covered, { recursive: true });
  await writeFile(
    join(covered, 'coverage-page.json'),
    JSON.stringify({ result, 'source-map-cache': cache }),
  );
}
