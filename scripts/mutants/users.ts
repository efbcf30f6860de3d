import type { Users } from './choice.js';
import { parse, runningPartsOf, type SyntaxNode } from './syntax.js';

interface Use {
  file: string;
  at: number;
}

function* identifiers(node: SyntaxNode): Generator<SyntaxNode> {
  if (node.type === 'Identifier') yield node;
  for (const part of runningPartsOf(node)) yield* identifiers(part);
}

/** Every use of a name in running code, of all files. Names that many files have for different things do no harm. */
function usesOf(sources: ReadonlyMap<string, string>): Map<string, Use[]> {
  const uses = new Map<string, Use[]>();
  for (const [file, source] of sources) {
    for (const { name, start } of identifiers(parse(file, source))) {
      const known = uses.get(String(name)) ?? [];
      known.push({ file, at: start });
      uses.set(String(name), known);
    }
  }
  return uses;
}

const importers = (sources: ReadonlyMap<string, string>, name: string) =>
  [...sources]
    .filter(([, source]) => new RegExp(`^import [^;]*\\b${name}\\b[^;]*;`, 'm').test(source))
    .map(([file]) => file);

/** Finds where a constant or another declaration of a module is used, in its file and in those that import it. */
export function createUsers(sources: ReadonlyMap<string, string>): Users {
  const uses = usesOf(sources);
  return ({ declared, file }) => {
    if (!declared) return [];
    const files = new Set([file, ...importers(sources, declared.name)]);
    const isUse = (use: Use) =>
      files.has(use.file) && !(use.file === file && use.at === declared.start);
    return (uses.get(declared.name) ?? []).filter(isUse);
  };
}
