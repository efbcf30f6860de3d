import { expect } from 'chai';
import { type Block, createBlockReader } from '../../../src/web/markdown/blocks.js';

const many = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');
const HEAD = '| Name | Sum $x$ |\n| --- | ---: |\n';
const item = (i: number) => `- item **${i}** with \`code\``;
const row = (i: number) => `| ${i} | *row* ${i} |`;

/** Long lists and tables, and texts that may change them late. */
const TEXTS: Readonly<Record<string, string>> = {
  'a list': `Before\n\n${many(60, item)}\n\nAfter.`,
  'a numbered list': many(60, (i) => `${i + 3}. item ${i}`),
  'a list that becomes loose': `${many(40, item)}\n\n${many(20, item)}\n\nEnd`,
  'a list with lists in it': many(40, (i) => `- ${i}\n  - inner ${i}\n    1. deep`),
  'a list whose marks change': `${many(30, item)}\n* other\n1. third\n${many(30, item)}`,
  'a list of tasks': many(40, (i) => `- [${i % 2 ? 'x' : ' '}] task ${i}`),
  'a list with headings': many(40, (i) => `- # Heading ${i}`),
  'a list with code': many(30, (i) => `- Do:\n\n  \`\`\`js\n  let x${i} = "- no item";\n  \`\`\``),
  'a list with formulas': many(40, (i) => `- $x_{${i}}$ and \\(y\\) for $5`),
  'a list with references': `${many(40, (i) => `- [see][a] and note[^n] ${i}`)}\n\n[a]: https://example.com\n[^n]: Note.`,
  'a list with lazy lines': many(40, (i) => `- item ${i}\ngoes on`),
  'a list that a rule ends': `${many(30, item)}\n---\n\n${many(30, item)}`,
  'a list between details': `<details>\n\n${many(30, item)}\n\n</details>\n\n${many(30, item)}`,
  'a table': `Before\n\n${HEAD}${many(60, row)}\n\nAfter.`,
  'a table without outer bars': `a | b\n--- | ---\n${many(50, (i) => `${i} | x`)}\nlast line\n\nAfter`,
  'a table after a table': `${HEAD}${many(30, row)}\n\n${HEAD}${many(30, row)}`,
  'a table with a head of one column': `| only |\n| --- |\n${many(40, (i) => `| \`a\\|b\` ${i} |`)}`,
  'a table with rows that look like rules': `${HEAD}${many(30, (i) => (i % 3 ? row(i) : '| --- | --- |'))}`,
  'a table of too many cells': `|${' a |'.repeat(90)}\n|${' - |'.repeat(90)}\n${many(130, (i) => `| ${i} |`)}`,
};

const shown = (blocks: readonly Block[]) =>
  blocks.map((block) =>
    block.kind === 'html' ? [block.html, block.tags, block.parts?.html] : block,
  );

describe('a list or table that grows', () => {
  for (const [what, text] of Object.entries(TEXTS)) {
    it(`is at each moment what a reader sees who comes only then: ${what}`, () => {
      for (const step of [7, 61]) {
        const read = createBlockReader();
        for (let length = step; length < text.length + step; length += step) {
          const now = text.slice(0, length);
          expect(shown(read(now, false)), `${length}`).to.deep.equal(
            shown(createBlockReader()(now, false)),
          );
        }
        expect(shown(read(text, true))).to.deep.equal(shown(createBlockReader()(text, true)));
      }
    });
  }
});
