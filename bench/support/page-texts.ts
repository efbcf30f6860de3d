/** The texts of the model in the bench of the page: ordinary prose, and blocks that grow as one. */
export type TextKind = 'prose' | 'list' | 'table' | 'code';

const SENTENCES = [
  'The **river** rises in the hills and reaches the sea after `412` kilometres.',
  'Nobody who has seen it in *spring* forgets the colour of its banks.',
  'A bridge was built there in 1843, as [the chronicle](https://example.com/bridge) tells.',
  '它的名字来自**一个古老的词**，意思是“回来的水”。',
  'Most visitors come by train; the last one leaves at half past nine.',
];
const ASIDES = [
  '## What to know\n\n',
  '- Bring a map, `offline`\n- Bring **water**\n- Tell somebody where you go\n\n',
  '| Place | Height | Open |\n| --- | ---: | --- |\n| Mill | 120 m | always |\n| Gate | 310 m | in summer |\n\n',
  '```ts\nexport function rise(metres: number): string {\n  // Rounded, as on the signs.\n  return Math.round(metres) + " m";\n}\n```\n\n',
  '> It was the quiet that stayed with us.\n\n',
];

const at = (texts: readonly string[], index: number): string => texts[index % texts.length] ?? '';

/** Paragraphs of three sentences, with a heading, list, table, code or quote after every second one. */
function prose(chars: number): string {
  let text = '';
  for (let i = 0; text.length < chars; i += 1) {
    text += `${[0, 1, 2].map((n) => at(SENTENCES, i * 2 + n)).join(' ')}\n\n`;
    if (i % 2 === 1) text += at(ASIDES, (i - 1) / 2);
  }
  return text.slice(0, chars);
}

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

/** `share`: the part of the size that the results are for. */
export const TEXTS: Record<TextKind, (share: number) => string> = {
  prose: (share) => prose(32_000 * share),
  list: (share) =>
    lines(
      600 * share,
      (i) => `${i + 1}. Item **${i}** of the list, with \`code\` and some more words`,
    ),
  table: (share) =>
    `| Number | Name | Square | Remark |\n| ---: | --- | ---: | --- |\n${lines(
      500 * share,
      (i) => `| ${i} | Name **${i}** | ${i * i} | a remark with \`code\` in row ${i} |`,
    )}`,
  code: (share) =>
    `\`\`\`ts\n${lines(3_000 * share, (i) => `const value${i} = compute(${i}, 'text'); // ${i}`)}\n\`\`\``,
};

/** An earlier answer of a conversation. */
export const pastAnswer = (): string => prose(900);
