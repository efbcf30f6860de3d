/** Width of the narrower columns of the page. */
const WIDTH = 58;

interface Notation {
  text(value: string): string;
  key(name: string): string;
  words: Record<'true' | 'false' | 'null', string>;
  /** The gap between the braces of an object on one line. */
  gap: string;
  /** The indent of a nested value. */
  step: string;
}

const quoted = (value: string, quote: string): string =>
  quote +
  value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`).replaceAll('\n', '\\n') +
  quote;

const JAVASCRIPT: Notation = {
  text: (value) => quoted(value, "'"),
  key: (name) => (/^[a-z_]\w*$/i.test(name) ? name : quoted(name, "'")),
  words: { true: 'true', false: 'false', null: 'null' },
  gap: ' ',
  step: '  ',
};

const PYTHON: Notation = {
  text: (value) => quoted(value, '"'),
  key: (name) => quoted(name, '"'),
  words: { true: 'True', false: 'False', null: 'None' },
  gap: '',
  step: '    ',
};

/** `before`: characters on the line before it. */
function written(
  value: unknown,
  notation: Notation,
  indent: string,
  before = indent.length,
): string {
  if (typeof value === 'string') return notation.text(value);
  if (typeof value !== 'object' || value === null) {
    const word = String(value);
    return word in notation.words ? notation.words[word as 'null'] : word;
  }
  const isList = Array.isArray(value);
  const inner = indent + notation.step;
  const parts = Object.entries(value).map(([key, part]) => {
    const name = isList ? '' : `${notation.key(key)}: `;
    return name + written(part, notation, inner, inner.length + name.length);
  });
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  const gap = isList || parts.length === 0 ? '' : notation.gap;
  const line = open + gap + parts.join(', ') + gap + close;
  if (before + line.length <= WIDTH && !line.includes('\n')) return line;
  return `${open}\n${parts.map((part) => `${inner}${part},\n`).join('')}${indent}${close}`;
}

/** A value as JavaScript writes it. */
export const javascript = (value: unknown, indent = '', before = indent.length): string =>
  written(value, JAVASCRIPT, indent, before);

/** A value as Python writes it. */
export const python = (value: unknown, indent = '', before = indent.length): string =>
  written(value, PYTHON, indent, before);
