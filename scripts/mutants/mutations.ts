import { isFunction, nodeIn, nodesIn, type SyntaxNode } from './syntax.js';

/** A change of the text, and a place that is executed whenever the changed part is. */
export interface Edit {
  kind: string;
  start: number;
  end: number;
  text: string;
  at: number;
}

type Mutation = (node: SyntaxNode, source: string, parent: SyntaxNode) => Edit[];

const EQUALITY: Record<string, string> = { '===': '!==', '!==': '===', '==': '!=', '!=': '==' };
const BOUNDARY: Record<string, string> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };
const ARITHMETIC: Record<string, string> = { '+': '-', '-': '+', '*': '/', '/': '*', '%': '*' };
const LOGICAL: Record<string, string> = { '&&': '||', '||': '&&', '??': '&&' };
const ASSIGNMENT: Record<string, string> = {
  ...{ '+=': '-=', '-=': '+=', '*=': '/=', '/=': '*=' },
  ...{ '&&=': '||=', '||=': '&&=', '??=': '&&=' },
};

const replace = (kind: string, { start, end }: SyntaxNode, text: string, at = start): Edit => ({
  ...{ kind, start, end, text, at },
});

/** Replaces the operator between two operands. */
function swapped(
  kind: string,
  [left, right]: [SyntaxNode | null, SyntaxNode | null],
  [operator, other]: [string, string | undefined],
  source: string,
): Edit[] {
  if (!left || !right || other === undefined) return [];
  // A comment between the operands may have the operator's characters.
  const between = source
    .slice(left.end, right.start)
    .replace(/\/\/.*|\/\*[\s\S]*?\*\//g, (text) => ' '.repeat(text.length));
  const start = left.end + between.indexOf(operator);
  return [{ kind, start, end: start + operator.length, text: other, at: left.start }];
}

const operands = (node: SyntaxNode): [SyntaxNode | null, SyntaxNode | null] => [
  nodeIn(node, 'left'),
  nodeIn(node, 'right'),
];

const isText = (node: SyntaxNode | null): boolean =>
  node !== null &&
  (node.type === 'TemplateLiteral' ||
    typeof node.value === 'string' ||
    (node.type === 'BinaryExpression' && node.operator === '+' && operands(node).some(isText)));

function conditions(values: readonly string[]): Mutation {
  return (node) => {
    const test = nodeIn(node, 'test');
    if (!test || test.type === 'Literal') return [];
    return values.map((value) => replace('condition', test, value));
  };
}

const binary: Mutation = (node, source) => {
  const operator = String(node.operator);
  const both = operands(node);
  const isSum = !both.some(isText);
  return [
    ...swapped('equality', both, [operator, EQUALITY[operator]], source),
    ...swapped('boundary', both, [operator, BOUNDARY[operator]], source),
    ...(isSum ? swapped('arithmetic', both, [operator, ARITHMETIC[operator]], source) : []),
  ];
};

/** `??` may only stand beside the others in brackets. */
const logical: Mutation = (node, source) => {
  const [left, right] = operands(node).map((side) => side && source.slice(side.start, side.end));
  return [replace('logic', node, `((${left}) ${LOGICAL[String(node.operator)]} (${right}))`)];
};

const assignment: Mutation = (node, source) => {
  const operator = String(node.operator);
  if (operands(node).some(isText)) return [];
  return swapped('assignment', operands(node), [operator, ASSIGNMENT[operator]], source);
};

/** The update of a loop stays: the loop would hardly ever end. */
const update: Mutation = (node, source, parent) => {
  if (parent.type === 'ForStatement') return [];
  const other = node.operator === '++' ? '--' : '++';
  return [
    replace(
      'arithmetic',
      node,
      source.slice(node.start, node.end).replace(String(node.operator), other),
    ),
  ];
};

const negation: Mutation = (node, source) => {
  const argument = nodeIn(node, 'argument');
  if (node.operator !== '!' || !argument) return [];
  return [replace('negation', node, `(${source.slice(argument.start, argument.end)})`)];
};

/** Types and keys have none of these. An empty text has nothing to lose. */
const literal: Mutation = (node) => {
  const { value } = node;
  if (typeof value === 'boolean') return [replace('boolean', node, String(!value))];
  return typeof value === 'string' && value !== '' ? [replace('text', node, "''")] : [];
};

const template: Mutation = (node, _source, parent) =>
  node.end - node.start > 2 && parent.type !== 'TaggedTemplateExpression'
    ? [replace('text', node, '``')]
    : [];

const list: Mutation = (node) =>
  nodesIn(node, 'elements').length > 0 ? [replace('list', node, '[]')] : [];

function isCall(node: SyntaxNode | null): boolean {
  if (!node) return false;
  if (node.type === 'CallExpression') return nodeIn(node, 'callee')?.type !== 'Super';
  if (node.type === 'ChainExpression') return isCall(nodeIn(node, 'expression'));
  const isWrapper = node.type === 'AwaitExpression' || node.operator === 'void';
  return isWrapper && isCall(nodeIn(node, 'argument'));
}

const call: Mutation = (node) =>
  isCall(nodeIn(node, 'expression')) ? [replace('call', node, ';')] : [];

/** One call in a block is removed as a call already. */
function block(body: SyntaxNode, source: string): Edit[] {
  const [first, ...others] = nodesIn(body, 'body');
  const isOneCall = others.length === 0 && first && call(first, source, body).length > 0;
  if (!first || isOneCall || /\bsuper\(/.test(source.slice(body.start, body.end))) return [];
  return [replace('block', body, '{}', first.start)];
}

const body: Mutation = (node, source) => {
  const inner = nodeIn(node, 'body');
  if (!inner || !isFunction(node)) return [];
  if (inner.type === 'BlockStatement') return block(inner, source);
  return inner.type === 'Literal' || inner.name === 'undefined'
    ? []
    : [replace('result', inner, '(undefined)')];
};

const MUTATIONS: Record<string, Mutation> = {
  IfStatement: conditions(['true', 'false']),
  ConditionalExpression: conditions(['true', 'false']),
  WhileStatement: conditions(['false']),
  DoWhileStatement: conditions(['false']),
  ForStatement: conditions(['false']),
  BinaryExpression: binary,
  LogicalExpression: logical,
  AssignmentExpression: assignment,
  UpdateExpression: update,
  UnaryExpression: negation,
  Literal: literal,
  TemplateLiteral: template,
  ArrayExpression: list,
  ExpressionStatement: call,
  FunctionDeclaration: body,
  FunctionExpression: body,
  ArrowFunctionExpression: body,
};

/** The mutations of one node, without those of its parts. */
export const editsOf: Mutation = (node, source, parent) =>
  MUTATIONS[node.type]?.(node, source, parent) ?? [];
