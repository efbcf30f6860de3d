import { posix } from 'node:path';

/** Programs that are started are named as URLs, relative to the file too. */
const IMPORT = /'(\.{1,2}\/[^'\s]+)'/g;
const ENDS = ['.ts', '.tsx', '.js', '.d.ts'];

/** The file that a relative import names, if it is one of `files`. TypeScript names the compiled file. */
function fileOf(from: string, name: string, files: ReadonlyMap<string, string>): string | null {
  const path = posix.join(posix.dirname(from), name);
  const stem = path.replace(/\.[jt]sx?$/, '');
  return [path, ...ENDS.map((end) => stem + end)].find((file) => files.has(file)) ?? null;
}

/** Finds the files that each file imports, directly or through others, itself included. `files` has texts by path. */
export function createReach(
  files: ReadonlyMap<string, string>,
): (from: string) => ReadonlySet<string> {
  const direct = new Map(
    [...files].map(([file, text]) => [
      file,
      [...text.matchAll(IMPORT)].flatMap(([, name = '']) => fileOf(file, name, files) ?? []),
    ]),
  );
  return (from) => {
    const reached = new Set([from]);
    for (const file of reached) for (const next of direct.get(file) ?? []) reached.add(next);
    return reached;
  };
}
