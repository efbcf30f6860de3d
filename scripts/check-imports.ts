import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Import {
  /** Path below src, or a package's name. */
  target: string;
  isPackage: boolean;
  isType: boolean;
}

type Layer = (typeof LAYERS)[number];

const LAYERS = [
  'index',
  'cli',
  'node',
  'http',
  'gateway',
  'adapters',
  'domain',
  'validation',
  'ports',
  'entities',
  'contract',
  'client',
  'web',
  'config',
] as const;

/** The layers that each layer may import; `type:` restricts it to types. */
const ALLOWED: Record<Layer, readonly string[]> = {
  index: ['node', 'config'],
  cli: ['node', 'config', 'domain', 'validation', 'ports', 'entities', 'contract'],
  node: ['http', 'gateway', 'adapters', 'domain', 'ports', 'entities', 'contract', 'config'],
  http: ['domain', 'validation', 'ports', 'entities', 'contract', 'type:config'],
  gateway: ['domain', 'validation', 'ports', 'entities', 'contract'],
  adapters: ['domain', 'ports', 'entities', 'contract', 'config'],
  domain: ['ports', 'entities', 'contract'],
  validation: ['entities', 'contract'],
  ports: ['entities', 'contract'],
  entities: ['contract'],
  contract: [],
  client: ['contract'],
  web: ['client', 'contract'],
  config: ['contract'],
};

/**
 * The only packages of layers that know no transport and no driver, or run in browsers. The other layers may import any.
 */
const PACKAGES: Partial<Record<Layer, RegExp>> = {
  domain: /^(jsonwebtoken|node:(crypto|events|net|perf_hooks|timers(\/promises)?))$/,
  validation: /^joi$/,
  ports: /^node:stream$/,
  entities: /^$/,
  contract: /^$/,
  client: /^socket\.io-client$/,
  web: /^(@preact\/signals|dompurify|idb|highlight\.js(\/.*)?|katex|marked|preact(\/.*)?)$/,
};
/** The only file that chooses adapters. */
const COMPOSITION_ROOT = 'node/context.ts';

const STATEMENT = /^\s*(?:import|export)\s+(type\s)?[^'"`;]*?from\s+'([^']+)'/gm;
const BARE = /^\s*import\s+'([^']+)'/gm;
const DYNAMIC = /\bimport\('([^']+)'\)/g;

function layerOf(path: string): Layer {
  const [head = ''] = path.split('/');
  const name = head.replace(/\.tsx?$/, '');
  const layer = LAYERS.find((candidate) => candidate === name);
  if (!layer) throw new Error(`${path} lies in no layer`);
  return layer;
}

function specifiers(source: string): [specifier: string, isType: boolean][] {
  const from = [...source.matchAll(STATEMENT)].map(
    ([, type, specifier = '']): [string, boolean] => [specifier, type !== undefined],
  );
  const others = [...source.matchAll(BARE), ...source.matchAll(DYNAMIC)];
  return [...from, ...others.map(([, specifier = '']): [string, boolean] => [specifier, false])];
}

function toImport(file: string, specifier: string, isType: boolean, files: Set<string>): Import {
  if (!specifier.startsWith('.')) return { target: specifier, isPackage: true, isType };
  const path = join(dirname(file), specifier).replace(/\.js$/, '.ts');
  const target = files.has(path) ? path : path.replace(/\.ts$/, '.tsx');
  return { target, isPackage: false, isType };
}

function isAllowed(from: Layer, { target, isType }: Import): boolean {
  const to = layerOf(target);
  if (to === from) return true;
  const rules = isType ? ALLOWED[from].map((rule) => rule.replace('type:', '')) : ALLOWED[from];
  return rules.includes(to);
}

function problemOf(file: string, imported: Import): string | null {
  const from = layerOf(file);
  if (imported.target.startsWith('..')) return `${file}: leaves src for ${imported.target}`;
  if (imported.isPackage) {
    const isKnown = PACKAGES[from]?.test(imported.target) ?? true;
    return isKnown ? null : `${file}: ${from} must not import the package ${imported.target}`;
  }
  const isChoice = layerOf(imported.target) === 'adapters' && from === 'node';
  if (isAllowed(from, imported) && (!isChoice || file === COMPOSITION_ROOT)) return null;
  return `${file}: ${from} must not import ${imported.target}`;
}

type Graph = Map<string, Import[]>;

/** Which folders and files import those beside them, each with one import of a file that leads there. */
type Arrows = Map<string, Map<string, string>>;

/** The folders or files beside each other between which an import leads. */
function siblingsOf(file: string, target: string): [from: string, to: string] {
  const [from, to] = [file.split('/'), target.split('/')];
  const depth = from.findIndex((part, i) => part !== to[i]);
  if (depth < 0) return [file, target];
  const upTo = (path: string[]) => path.slice(0, depth + 1).join('/');
  return [upTo(from), upTo(to)];
}

function arrowsOf(graph: Graph): Arrows {
  const arrows: Arrows = new Map();
  for (const [file, imports] of graph) {
    for (const { target, isPackage } of imports) {
      if (isPackage) continue;
      const [from, to] = siblingsOf(file, target);
      const known = arrows.get(from) ?? new Map<string, string>();
      arrows.set(from, known.set(to, `${file} -> ${target}`));
    }
  }
  return arrows;
}

/** Depth first. What is met again while it is open closes a cycle. */
function findCycle(arrows: Arrows): string[] | null {
  const done = new Set<string>();
  const visit = (name: string, open: readonly string[]): string[] | null => {
    if (open.includes(name)) return [...open.slice(open.indexOf(name)), name];
    if (done.has(name)) return null;
    for (const next of arrows.get(name)?.keys() ?? []) {
      const cycle = visit(next, [...open, name]);
      if (cycle) return cycle;
    }
    done.add(name);
    return null;
  };
  for (const name of arrows.keys()) {
    const cycle = visit(name, []);
    if (cycle) return cycle;
  }
  return null;
}

/** The first cycle of folders or files beside each other, with an import for each of its arrows. */
function describeCycle(arrows: Arrows): string | null {
  const cycle = findCycle(arrows);
  if (!cycle) return null;
  const ways = cycle.slice(1).map((to, i) => arrows.get(cycle[i] ?? '')?.get(to));
  return `import cycle of ${cycle.slice(1).sort().join(', ')}: ${ways.join(', ')}`;
}

async function readGraph(root: string): Promise<Graph> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
  const files = new Set(paths);
  const read = async (file: string): Promise<[string, Import[]]> => {
    const source = await readFile(join(root, file), 'utf8');
    return [file, specifiers(source).map(([to, isType]) => toImport(file, to, isType, files))];
  };
  return new Map(await Promise.all(paths.map(read)));
}

/** Every import below `root` that points against the arrows of the architecture, and the first cycle. */
export async function checkImports(root: string): Promise<string[]> {
  const graph = await readGraph(root);
  const wrong = [...graph].flatMap(([file, imports]) =>
    imports.flatMap((imported) => problemOf(file, imported) ?? []),
  );
  const cycle = describeCycle(arrowsOf(graph));
  return cycle ? [...wrong, cycle] : wrong;
}

const self = fileURLToPath(import.meta.url);

if (process.argv[1] && resolve(process.argv[1]) === self) {
  const problems = await checkImports(fileURLToPath(new URL('../src', import.meta.url)));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
