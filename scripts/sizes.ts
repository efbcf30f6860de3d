import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  isArrowFunction,
  isClassDeclaration,
  isConstructorDeclaration,
  isFunctionExpression,
  isFunctionLikeDeclaration,
  isPropertyAssignment,
  isPropertyDeclaration,
  isVariableDeclaration,
  type Node,
  type SourceFile,
} from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

export interface Size {
  /** A path, with the line and the name of a function. */
  what: string;
  size: number;
}

export interface Sizes {
  /** Sizes in lines. */
  files: Size[];
  /** Sizes in lines, without comments in front. A function within another one is measured by itself, too. */
  functions: Size[];
  /** Sizes in files, without those of folders below. */
  folders: Size[];
}

const SHOWN = 20;

/** Null for a function that is only an argument. */
function nameOf(node: Node): string | null {
  if (!isFunctionLikeDeclaration(node)) return null;
  if (isConstructorDeclaration(node)) return `${classOf(node)}constructor`;
  const { parent } = node;
  const holder =
    isVariableDeclaration(parent) || isPropertyAssignment(parent) || isPropertyDeclaration(parent);
  const isValue = isArrowFunction(node) || isFunctionExpression(node);
  const name = isValue ? holder && parent.name : node.name;
  return name ? `${classOf(isValue ? parent : node)}${name.getText()}` : null;
}

const classOf = ({ parent }: Node): string =>
  isClassDeclaration(parent) && parent.name ? `${parent.name.getText()}.` : '';

function functionsOf(source: SourceFile, path: string): Size[] {
  const lineOf = (at: number) => source.text.slice(0, at).split('\n').length;
  const found: Size[] = [];
  const visit = (node: Node): void => {
    const name = nameOf(node);
    if (name !== null) {
      const first = lineOf(node.getStart());
      found.push({ what: `${path}:${first} ${name}`, size: lineOf(node.getEnd()) - first + 1 });
    }
    node.forEachChild(visit);
  };
  source.forEachChild(visit);
  return found;
}

const largestFirst = (sizes: Size[]) => sizes.sort((a, b) => b.size - a.size);

/** Sizes of the program that `tsconfig.json` in `root` describes, below `folder` in it. */
export function measure(root: string, folder: string): Sizes {
  const api = new API({ cwd: root });
  const config = join(root, 'tsconfig.json');
  const project = api
    .updateSnapshot({ openProjects: [config] })
    .getProjects()
    .find(({ configFileName }) => configFileName === config);
  if (!project) throw new Error(`TypeScript does not open ${config}`);
  const { program } = project;
  const sources = program
    .getSourceFileNames()
    .filter((name) => name.startsWith(`${join(root, folder)}/`))
    .flatMap((name) => program.getSourceFile(name) ?? []);
  const sized = sources.map((source) => {
    const path = relative(root, source.fileName);
    const size = source.text.trimEnd().split('\n').length;
    return { file: { what: path, size }, functions: functionsOf(source, path) };
  });
  api.close();
  const files = sized.map(({ file }) => file);
  const folders = new Map<string, number>();
  for (const folder of files.map(({ what }) => dirname(what))) {
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
  }
  return {
    files: largestFirst(files),
    functions: largestFirst(sized.flatMap(({ functions }) => functions)),
    folders: largestFirst([...folders].map(([what, size]) => ({ what, size }))),
  };
}

/** Expects sizes in falling order. */
const at = (sizes: Size[], share: number): number =>
  sizes[Math.floor((1 - share) * (sizes.length - 1))]?.size ?? 0;

function print(title: string, sizes: Size[], shown = SHOWN): void {
  console.log(
    `\n${sizes.length} ${title}: median ${at(sizes, 0.5)}, p95 ${at(sizes, 0.95)}, most ${at(sizes, 1)}`,
  );
  for (const { what, size } of sizes.slice(0, shown)) {
    console.log(`${String(size).padStart(5)}  ${what}`);
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [folder = 'src'] = process.argv.slice(2);
  const { files, functions, folders } = measure(
    fileURLToPath(new URL('..', import.meta.url)),
    folder,
  );
  print('files, in lines', files);
  print('functions with a name, in lines', functions);
  print('folders, in files', folders);
}
