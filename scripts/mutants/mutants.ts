import { type Edit, editsOf } from './mutations.js';
import { isFunction, nameOf, nodeIn, parse, runningPartsOf, type SyntaxNode } from './syntax.js';

export interface Mutant extends Edit {
  /** Stays the same while other parts of the file change. */
  id: string;
  file: string;
  /** Number of the line, from 1. */
  line: number;
  original: string;
  /** The innermost function that has a name; empty for the module itself. */
  within: string;
  /** The constant that it belongs to, if it is outside of all functions: a constant is used elsewhere. */
  declared: Name | null;
}

export interface Name {
  name: string;
  start: number;
}

interface Context {
  parent: SyntaxNode;
  within: string;
  declared: Name | null;
  /** Whether texts are for people: those of errors and of the log. */
  isSaid: boolean;
}

const LOGGER = /^(.*[lL]og|(.*[lL])?ogger)$/;

/** The object of `a.b.warn(…)` is `b`. */
function ownerOf(callee: SyntaxNode | null): string {
  const object = callee && nodeIn(callee, 'object');
  const name = object && (nodeIn(object, 'property') ?? object).name;
  return typeof name === 'string' ? name : '';
}

function says(node: SyntaxNode): boolean {
  if (node.type === 'ThrowStatement') return true;
  const callee = nodeIn(node, 'callee');
  if (node.type === 'NewExpression') return /(Error|Problem)$/.test(String(callee?.name));
  return node.type === 'CallExpression' && LOGGER.test(ownerOf(callee));
}

/** Codes have no blanks, and programs read them. */
const isSentence = (node: SyntaxNode, source: string) =>
  (node.type === 'Literal' || node.type === 'TemplateLiteral') &&
  source.slice(node.start, node.end).includes(' ');

function contextIn(node: SyntaxNode, context: Context): Context {
  const isModule = context.within === '';
  const within = nameOf(node) ?? (isModule && isFunction(node) ? 'a function' : context.within);
  const id = node.type === 'VariableDeclarator' ? nodeIn(node, 'id') : null;
  const named = id ? { name: String(id.name), start: id.start } : context.declared;
  return {
    parent: node,
    within,
    declared: within === '' ? named : null,
    isSaid: context.isSaid || says(node),
  };
}

type Found = Edit & Pick<Mutant, 'within' | 'declared'>;

function* found(node: SyntaxNode, source: string, context: Context): Generator<Found> {
  const inside = contextIn(node, context);
  if (!(context.isSaid && isSentence(node, source))) {
    const { within, declared } = inside;
    for (const edit of editsOf(node, source, context.parent)) yield { ...edit, within, declared };
  }
  if (node.type === 'ExpressionStatement' && typeof node.directive === 'string') return;
  for (const part of runningPartsOf(node)) yield* found(part, source, inside);
}

const START: Omit<Context, 'parent'> = { within: '', declared: null, isSaid: false };

const lineAt = (source: string, offset: number) => source.slice(0, offset).split('\n').length;

export const applied = ({ start, end, text }: Edit, source: string): string =>
  source.slice(0, start) + text + source.slice(end);

/** All mutants of a file, in the order of its text. */
export function mutantsOf(file: string, source: string): Mutant[] {
  const program = parse(file, source);
  const seen = new Map<string, number>();
  return runningPartsOf(program)
    .flatMap((node) => [...found(node, source, { ...START, parent: program })])
    .map((edit) => {
      const original = source.slice(edit.start, edit.end);
      const name = [file, edit.within, edit.kind, original, edit.text].join('\n');
      const count = seen.get(name) ?? 0;
      seen.set(name, count + 1);
      return { ...edit, id: `${name}\n${count}`, file, line: lineAt(source, edit.start), original };
    });
}
