import { parseSync } from 'oxc-parser';

/** A node of the syntax tree. Its other fields depend on its type. */
export interface SyntaxNode {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'type') === 'string';

export function nodeIn(node: SyntaxNode, key: string): SyntaxNode | null {
  const value = node[key];
  return isNode(value) ? value : null;
}

export function nodesIn(node: SyntaxNode, key: string): SyntaxNode[] {
  const value = node[key];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** Nodes that only say something about the type of the expression in them. */
const ABOUT_TYPES = ['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression'];
const DECLARATIONS = ['ImportDeclaration', 'ExportAllDeclaration', 'ImportExpression'];

const isType = ({ type }: SyntaxNode) => type.startsWith('TS') && !ABOUT_TYPES.includes(type);

/** Code that runs: neither types nor imports, nor the names of properties. */
export function runningPartsOf(node: SyntaxNode): SyntaxNode[] {
  return Object.keys(node).flatMap((key) => {
    if (key === 'key' && node.computed !== true) return [];
    if (key === 'source' && node.type === 'ExportNamedDeclaration') return [];
    const value = node[key];
    const parts = Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [];
    return parts.filter((part) => !isType(part) && !DECLARATIONS.includes(part.type));
  });
}

/** Throws if the text is not TypeScript. */
export function parse(file: string, text: string): SyntaxNode {
  const { program, errors } = parseSync(file, text, { preserveParens: false });
  const [error] = errors;
  if (error) throw new SyntaxError(`${file}: ${error.message}`);
  return { ...program };
}

const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];

export const isFunction = ({ type }: SyntaxNode): boolean => FUNCTIONS.includes(type);

/** The name that a declaration, a method or a property gives to the function in it. */
export function nameOf(node: SyntaxNode): string | null {
  const named = nodeIn(node, 'id') ?? nodeIn(node, 'key');
  const isHolder =
    node.type === 'FunctionDeclaration' ||
    node.type === 'MethodDefinition' ||
    [nodeIn(node, 'init'), nodeIn(node, 'value')].some((value) => value && isFunction(value));
  const name = named?.name ?? named?.value;
  return isHolder && typeof name === 'string' ? name : null;
}
