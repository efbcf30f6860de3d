const filled = (piece: string, length: number): string =>
  piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

/** Nests as many levels as fit into the length. */
function outline(indent: string, item: string, length: number): string {
  const lines: string[] = [];
  for (let size = 0; size < length; size += (lines.at(-1)?.length ?? 0) + 1) {
    lines.push(indent.repeat(lines.length) + item);
  }
  return lines.join('\n');
}

const around = (open: string, close: string, length: number): string =>
  filled(open, length / 2) + filled(close, length / 2);

function numbered(make: (number: number) => string, length: number): string {
  let text = '';
  for (let number = 1; text.length < length; number += 1) text += make(number);
  return text;
}

/** Repetitions, as models write them in a loop, and attackers to break a page. */
const REPEATED = [
  ...['>', '> ', '> a\n', '>\n', '1. ', '+ ', '- ', '* ', '- a\n', '- a\n\n', '1. a\n- b\n'],
  ...['> - ', '>- 1. ', '> a\n\n', '> ```\n', '[', '![', '](', '[a](', '[`', '[\\', '![a](b'],
  ...['[a][b]', '[a]: ', '[a]: b "\n', '[a](b "', '*', '***', '_', '~', '*a ', '_a ', '*a**b '],
  ...['a_b_', '~~a ', '*_', '`', '`a', '```\n', '<', '<a ', '<b>', '<sub>', '<details>\n\n'],
  ...['<div>', '<div>\n\n', '</a', '<!--', '<![CDATA[', '<?', '<a b="', '<pre>\n\n', '(', ')', '|'],
  ...['|\n', '|a|b|\n', 'a|', '#', '# a\n', 'a\n=\n', '---\n', '\\', '&', '&amp;', 'a', 'word '],
  ...[
    ' ',
    '\n',
    '\t',
    'a\n',
    'a\n\n',
    'a\n# b\n',
    '    a\n\n',
    'http://a.b ',
    'www.',
    'a@',
    'a.',
    'a+_',
  ],
  ...['👩‍🚀', '你**好**，', '\ufffd', '\u202e', '\u200d', '\u0301'],
];

/** Every text has about this many characters. */
export function hostileTexts(length: number): Map<string, string> {
  const name = (piece: string) => `${JSON.stringify(piece)} again and again`;
  return new Map([
    ...REPEATED.map((piece): [string, string] => [name(piece), filled(piece, length)]),
    ['an outline of "- "', outline('  ', '- a', length)],
    ['an outline of "1. "', outline('   ', '1. a', length)],
    ['an outline of tabs', outline('\t', '- a', length)],
    ['quotes that get deeper', numbered((depth) => `${'>'.repeat(depth % 500)}a\n`, length)],
    ['emphasis in emphasis', around('_a ', ' a_', length)],
    ['strong in strong', around('**a', 'a**', length)],
    ['links in links', around('[a', '](b)', length)],
    ['tags in tags', around('<b>', '</b>', length)],
    ['tables in tables', around('<table><tr><td>', '</td></tr></table>', length)],
    ['many definitions', numbered((n) => `[r${n}]: /u${n}\n`, length)],
    ['definitions in use', numbered((n) => `[r${n}]: /u${n}\n\n[r${n}] `, length)],
    ['code marks of growing length', numbered((n) => `${'`'.repeat(n)} `, length)],
    ['a wide table', ['|a', '|-', '|b'].map((cell) => filled(cell, length / 3)).join('\n')],
    ['short rows of a wide table', wideHead(length / 2) + filled('|\n', length / 2)],
    ['blanks inside a line', `a${filled(' ', length)}b`],
    ['blanks inside a heading', `# a${filled(' ', length)}b`],
    ['blanks in a block of HTML', `<div>${filled(' ', length)}b`],
    ['tabs in a block of HTML', `<details>${filled('\t', length)}b`],
    ['code marks inside a line', `a${filled('`', length)}b`],
    ['an address that does not end', `http://a.b/${filled('.', length)}`],
    ['one line that does not end', `a ${filled('x', length)}`],
  ]);
}

const wideHead = (length: number): string =>
  `${filled('|a', length / 2)}|\n${filled('|-', length / 2)}|\n`;
