import type { LanguageFn } from 'highlight.js';

type Loaded = Promise<{ default: LanguageFn }>;

interface Language {
  /** Ending of a file of this language. */
  ending: string;
  load(): Loaded;
  /** Other names, separated by spaces. */
  names?: string;
}

/** The languages that are coloured. Each is a chunk of its own. HTML and SVG are `xml`. */
const LANGUAGES = {
  bash: {
    ending: 'sh',
    names: 'sh zsh shell console shellsession',
    load: () => import('highlight.js/lib/languages/bash'),
  },
  c: { ending: 'c', names: 'h', load: () => import('highlight.js/lib/languages/c') },
  clojure: {
    ending: 'clj',
    names: 'clj cljs edn',
    load: () => import('highlight.js/lib/languages/clojure'),
  },
  cmake: { ending: 'cmake', load: () => import('highlight.js/lib/languages/cmake') },
  cpp: {
    ending: 'cpp',
    names: 'c++ cc cxx hpp',
    load: () => import('highlight.js/lib/languages/cpp'),
  },
  csharp: { ending: 'cs', names: 'cs c#', load: () => import('highlight.js/lib/languages/csharp') },
  css: { ending: 'css', load: () => import('highlight.js/lib/languages/css') },
  dart: { ending: 'dart', load: () => import('highlight.js/lib/languages/dart') },
  diff: { ending: 'diff', names: 'patch', load: () => import('highlight.js/lib/languages/diff') },
  dockerfile: {
    ending: 'dockerfile',
    names: 'docker',
    load: () => import('highlight.js/lib/languages/dockerfile'),
  },
  elixir: {
    ending: 'ex',
    names: 'ex exs',
    load: () => import('highlight.js/lib/languages/elixir'),
  },
  erlang: { ending: 'erl', names: 'erl', load: () => import('highlight.js/lib/languages/erlang') },
  fsharp: { ending: 'fs', names: 'fs f#', load: () => import('highlight.js/lib/languages/fsharp') },
  go: { ending: 'go', names: 'golang', load: () => import('highlight.js/lib/languages/go') },
  graphql: {
    ending: 'graphql',
    names: 'gql',
    load: () => import('highlight.js/lib/languages/graphql'),
  },
  groovy: {
    ending: 'groovy',
    names: 'gradle',
    load: () => import('highlight.js/lib/languages/groovy'),
  },
  haskell: { ending: 'hs', names: 'hs', load: () => import('highlight.js/lib/languages/haskell') },
  http: { ending: 'http', load: () => import('highlight.js/lib/languages/http') },
  ini: { ending: 'ini', names: 'toml conf', load: () => import('highlight.js/lib/languages/ini') },
  java: { ending: 'java', load: () => import('highlight.js/lib/languages/java') },
  javascript: {
    ending: 'js',
    names: 'js jsx mjs cjs node',
    load: () => import('highlight.js/lib/languages/javascript'),
  },
  json: {
    ending: 'json',
    names: 'json5 jsonc jsonl',
    load: () => import('highlight.js/lib/languages/json'),
  },
  julia: { ending: 'jl', names: 'jl', load: () => import('highlight.js/lib/languages/julia') },
  kotlin: {
    ending: 'kt',
    names: 'kt kts',
    load: () => import('highlight.js/lib/languages/kotlin'),
  },
  latex: { ending: 'tex', names: 'tex', load: () => import('highlight.js/lib/languages/latex') },
  less: { ending: 'less', load: () => import('highlight.js/lib/languages/less') },
  lisp: {
    ending: 'lisp',
    names: 'elisp scheme',
    load: () => import('highlight.js/lib/languages/lisp'),
  },
  lua: { ending: 'lua', load: () => import('highlight.js/lib/languages/lua') },
  makefile: {
    ending: 'mk',
    names: 'make mk',
    load: () => import('highlight.js/lib/languages/makefile'),
  },
  markdown: {
    ending: 'md',
    names: 'md mdx',
    load: () => import('highlight.js/lib/languages/markdown'),
  },
  matlab: { ending: 'm', names: 'octave', load: () => import('highlight.js/lib/languages/matlab') },
  nginx: { ending: 'conf', load: () => import('highlight.js/lib/languages/nginx') },
  nix: { ending: 'nix', load: () => import('highlight.js/lib/languages/nix') },
  objectivec: {
    ending: 'm',
    names: 'objc objective-c',
    load: () => import('highlight.js/lib/languages/objectivec'),
  },
  ocaml: { ending: 'ml', names: 'ml', load: () => import('highlight.js/lib/languages/ocaml') },
  perl: { ending: 'pl', names: 'pl', load: () => import('highlight.js/lib/languages/perl') },
  php: { ending: 'php', load: () => import('highlight.js/lib/languages/php') },
  powershell: {
    ending: 'ps1',
    names: 'ps ps1 pwsh',
    load: () => import('highlight.js/lib/languages/powershell'),
  },
  properties: {
    ending: 'properties',
    names: 'env dotenv',
    load: () => import('highlight.js/lib/languages/properties'),
  },
  protobuf: {
    ending: 'proto',
    names: 'proto',
    load: () => import('highlight.js/lib/languages/protobuf'),
  },
  python: {
    ending: 'py',
    names: 'py py3 python3 pycon',
    load: () => import('highlight.js/lib/languages/python'),
  },
  r: { ending: 'r', load: () => import('highlight.js/lib/languages/r') },
  ruby: { ending: 'rb', names: 'rb', load: () => import('highlight.js/lib/languages/ruby') },
  rust: { ending: 'rs', names: 'rs', load: () => import('highlight.js/lib/languages/rust') },
  scala: { ending: 'scala', load: () => import('highlight.js/lib/languages/scala') },
  scss: { ending: 'scss', names: 'sass', load: () => import('highlight.js/lib/languages/scss') },
  sql: {
    ending: 'sql',
    names: 'mysql postgres postgresql pgsql sqlite plsql',
    load: () => import('highlight.js/lib/languages/sql'),
  },
  swift: { ending: 'swift', load: () => import('highlight.js/lib/languages/swift') },
  typescript: {
    ending: 'ts',
    names: 'ts tsx mts cts',
    load: () => import('highlight.js/lib/languages/typescript'),
  },
  verilog: {
    ending: 'v',
    names: 'v sv systemverilog',
    load: () => import('highlight.js/lib/languages/verilog'),
  },
  vhdl: { ending: 'vhd', names: 'vhd', load: () => import('highlight.js/lib/languages/vhdl') },
  vim: { ending: 'vim', names: 'viml', load: () => import('highlight.js/lib/languages/vim') },
  wasm: { ending: 'wat', names: 'wat', load: () => import('highlight.js/lib/languages/wasm') },
  x86asm: {
    ending: 'asm',
    names: 'asm nasm assembly',
    load: () => import('highlight.js/lib/languages/x86asm'),
  },
  xml: {
    ending: 'xml',
    names: 'html xhtml svg rss atom vue svelte',
    load: () => import('highlight.js/lib/languages/xml'),
  },
  yaml: { ending: 'yaml', names: 'yml', load: () => import('highlight.js/lib/languages/yaml') },
} as const satisfies Record<string, Language>;

const NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries<Language>(LANGUAGES).flatMap(([name, { names = '' }]) =>
    [name, ...names.split(' ').filter(Boolean)].map((other): [string, string] => [other, name]),
  ),
);

/** Endings that the table above does not give. */
const ENDINGS: Record<string, string> = {
  html: 'html',
  svg: 'svg',
  tsx: 'tsx',
  jsx: 'jsx',
  toml: 'toml',
  mermaid: 'mmd',
  csv: 'csv',
};

/** The language that goes by a name; null if it is not coloured. */
export const languageNamed = (name: string): string | null => NAMES.get(name.toLowerCase()) ?? null;

export const loadLanguage = (language: string): Loaded | undefined =>
  Object.entries<Language>(LANGUAGES)
    .find(([name]) => name === language)?.[1]
    .load();

/** Name of a file for code in a language, as a model calls it. */
export function fileNameFor(name: string): string {
  const language = languageNamed(name);
  const known = Object.entries<Language>(LANGUAGES).find(([own]) => own === language)?.[1].ending;
  return `code.${ENDINGS[name.toLowerCase()] ?? known ?? 'txt'}`;
}
