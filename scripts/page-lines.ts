import { nodeIn, nodesIn, parse, type SyntaxNode } from './mutants/syntax.js';

/** Lines of a source, from 0, that something in a bundle comes from, with how often that was executed. */
export type Hits = ReadonlyMap<number, number>;

const isLiteral = (node: SyntaxNode) => {
  const init = nodeIn(node, 'init');
  return init?.type === 'Literal' || init?.type === 'UnaryExpression';
};

/** Whether a statement of a module runs or holds code. A bundle may have plain constants only where they are used. */
function isCode(statement: SyntaxNode): boolean {
  const inner = nodeIn(statement, 'declaration') ?? statement;
  if (inner.type === 'VariableDeclaration') return !nodesIn(inner, 'declarations').every(isLiteral);
  return ['FunctionDeclaration', 'ClassDeclaration', 'ExpressionStatement'].includes(inner.type);
}

/**
 * Counts how often each line of a source was executed whose module was loaded. Code that is missing in the bundle was
 * left out of it, so it was not executed. Other lines, such as braces, count as the line above; types and comments as
 * the module.
 */
export function linesOf(file: string, text: string, hits: Hits): number[] {
  const counts: number[] = text.split('\n').map(() => 1);
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length - 1;
  for (const statement of nodesIn(parse(file, text), 'body')) {
    const [first, last] = [lineAt(statement.start), lineAt(statement.end)];
    const lines = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const begin = lines.find((line) => hits.has(line));
    let count = begin === undefined ? (isCode(statement) ? 0 : 1) : (hits.get(begin) ?? 0);
    for (const line of lines) {
      count = hits.get(line) ?? count;
      counts[line] = count;
    }
  }
  return counts;
}
