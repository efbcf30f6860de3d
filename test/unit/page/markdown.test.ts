import { expect } from 'chai';
import fc from 'fast-check';
import { type Block, createBlockReader } from '../../../src/web/markdown/blocks.js';

const html = (blocks: readonly Block[]): string =>
  blocks.map((block) => (block.kind === 'html' ? block.html : `[${block.text}]`)).join('');

const whole = (text: string): string => html(createBlockReader()(text, true));

const LINES = [
  'plain *words*',
  'two **bold _and_ more** words',
  '- item',
  '  - nested',
  '1. one',
  '- [x] done',
  '',
  '',
  '```js',
  'const a = `$b$`;',
  '```',
  '# title',
  '### third',
  '---',
  '| a | b |',
  '| --- | --- |',
  '> quote',
  '    indented',
  '你好 **粗体：**这里',
  'مرحبا **بالعالم** 5',
  '<b>bold</b>',
  '<details>',
  '<summary>More</summary>',
  '</details>',
  '[link](https://example.com)',
  'see `code` and ~~gone~~ H~2~O',
  'price $5 and $10',
  'inline $x_1^2$ and \\(y\\)',
  '$$',
  'a = b',
  '\\[ z \\]',
  '~~~',
  '````',
  '> ```',
  '  ```',
  'a `b',
  ...['- ```', '* * *', '<div>', '</div>', '\tcode', '**', '__a', '~~b', '![img](x', '> > deep'],
  ...['1) x', '===', '**open and', '`` c ` d', '> - item', '> | a | b |', '[x](http://a', '    '],
  ...['\\', '&am', '1. ```go', '\t```', '   ```', '> - ```', '>   code', '- > b', ' b'],
  ...['<pre>', '</pre>', '#tag', '-x', '**bold', '<!--', '    ```', '>', '> ~~~', '10. ten'],
];
const DEFINITIONS = [
  'note[^1] and [^word]',
  '[^1]: the note',
  '[^word]: another',
  'see [here]',
  '[here]: https://a.example',
];

const texts = (lines: string[]) =>
  fc.array(fc.constantFrom(...lines), { maxLength: 30 }).map((chosen) => chosen.join('\n'));
const steps = fc.array(fc.nat({ max: 9 }), { minLength: 40 });

/** The view of a reader after each piece, and the text up to there. */
function* growth(source: string, sizes: readonly number[]) {
  const read = createBlockReader();
  for (let end = 0, i = 0; end < source.length; i += 1) {
    end = Math.min(source.length, end + 1 + (sizes[i % sizes.length] ?? 0));
    const part = source.slice(0, end);
    yield { part, blocks: read(part, false) };
  }
  yield { part: source, blocks: read(source, true) };
}

/** Code that ends before the last line, in places where that is hard to see. */
const ENDED_CODE = [
  ...['1. ```go\n\tfmt.Println()\n   ```\n\n', '1. ```py\n   def f():\n  return 1\n   ```\n\n   '],
  ...['- ```\n  a\n b\n  ```\n', '-\t```\n\tcode\n\t```\n\n', '> ```\n> a\n', '> ```\n> a\n- > '],
  ...['> - ```\n>   a\n> - ', '- a\n  ```\n  code\n- ', '- > ```\n  > a\n- ', '- ```\n  a\n# '],
  ...['> ```\n> - ```\n> ```\n> ', '[^1]: a\n    ```\n    b\n    ```\n\n', '```\na\n ``` \n'],
  ...['<pre>\n```\n</pre>\n', 'a\n2. ```\n\n', '- - ```\n    a\n  - ', '> - ```\n  a\n> '],
];
/** Code that goes on in the last line. */
const CODE = [
  ...['```\n> ```\n', '- ```\n  code\nthen ', '> ```yaml\n> - ```\n> ', '```\n    ```\n'],
  ...['1. ```\n\tcode\n\t', '> - ```\n>   ', '- a\n  ```\n  ', '````\n```\n', '~~~\n```\n'],
  ...['[^1]: a\n    ```\n    ', '```\n\n', '- ```\n\n  ', '```\n<pre>\n', '<b>\n\n```\n'],
];

describe('reading Markdown that grows', () => {
  it('shows the same, however the text was cut into pieces', () => {
    fc.assert(
      fc.property(texts([...LINES, ...DEFINITIONS]), steps, (source, sizes) => {
        for (const { part, blocks } of growth(source, sizes)) {
          const fresh = [createBlockReader()(part, false), createBlockReader()(part, true)].map(
            html,
          );
          expect(fresh).to.include(html(blocks));
        }
      }),
      { numRuns: 50 },
    );
  });

  const views = (source: string) => [...growth(source, [0])].map(({ blocks }) => html(blocks));

  it('takes no mark of the code before it for one of its own', () => {
    for (const source of ['```yaml\n- a\n```\nThe text *here*', '```sh\n# a\n> b\n```\nThe text'])
      for (const view of views(source)) expect(view).to.not.match(/`|<code/);
  });

  it('shows no language of code that has just begun, with or without a dollar before it', () => {
    for (const price of ['', 'It costs $5.\n'])
      for (const view of views(`${price}Look:\n\`\`\`js\nlet a;\n\`\`\`\n`))
        expect(view).to.not.include('<code');
  });

  it('closes nothing behind the block in which it was begun', () => {
    const behind = ['    \n', '===\n', '- item\n', '</div>\n'];
    for (const next of behind)
      for (const view of views(`a **b\n${next}then words`).slice(-4))
        expect(view.split('**').length - 1, next).to.equal(1);
    for (const view of views('- ```\nthen *words').slice(-4, -1)) expect(view).to.not.match(/[`*]/);
  });

  it('closes nothing that ends with a note, or with details, before the end of the text', () => {
    for (const next of ['[^1]: the *note* is', '<details>\nthe *note* is'])
      for (const view of views(`see[^1] a \`b\n${next}`).slice(-12))
        expect(view.split('`')).to.have.length(2);
  });

  it('knows that code begins behind a line that ends with a backslash', () => {
    for (const view of views('words \\\n```sh\necho *a')) expect(view).to.not.include('a*');
  });

  it('knows that code in a quote ends with the quote, and that quotes in code are code', () => {
    expect(views('> ```\n> a\nthen $x^2$ and').at(-1)).to.include('data-formula');
    for (const view of views('```\n> ```\n*a b'))
      expect(view).to.not.include('*a*').and.not.include('b*');
  });

  for (const before of ENDED_CODE)
    it(`sets a formula behind code, also before the end: ${JSON.stringify(before)}`, () => {
      for (const text of [whole(`${before}the $x^2$`), views(`${before}the $x^2$ is`).at(-2) ?? ''])
        expect(text).to.include('data-formula');
    });

  for (const before of CODE)
    it(`shows code as it was written: ${JSON.stringify(before)}`, () => {
      for (const text of views(`${before}the *a $x^2$ is`).slice(-9))
        expect(text)
          .to.include('the *a')
          .and.not.match(/a\*|data-formula|[\uFDD0\uFDD1]/);
      expect(whole(`${before}the \`*a $x^2$`)).to.include('the `*a $x^2$');
    });

  it('agrees with its lexer about what is code', () => {
    const read = (text: string, done: boolean) => html(createBlockReader()(text, done));
    fc.assert(
      fc.property(texts(LINES), (source) => {
        for (const done of [true, false])
          for (const [heading] of read(`${source}\n\n# $x^2$ is`, done).matchAll(/<h\d>.*x\^2.*/g))
            expect(heading, `done: ${done}`).to.include('data-formula');
        expect(read(`${source}\nthe *a b`, false)).to.not.include('a b*');
      }),
      { numRuns: 50 },
    );
  });

  it('ends with what reading it at once shows', () => {
    fc.assert(
      fc.property(texts([...LINES, ...DEFINITIONS]), steps, (source, sizes) => {
        const [last] = [...growth(source, sizes)].slice(-1);
        expect(html(last?.blocks ?? [])).to.equal(whole(source));
      }),
      { numRuns: 50 },
    );
  });

  it('never changes a block again once two more follow it', () => {
    fc.assert(
      fc.property(texts(LINES), steps, (source, sizes) => {
        let before: readonly Block[] = [];
        for (const { blocks } of growth(source, sizes)) {
          for (const [index, block] of before.slice(0, -2).entries()) {
            expect(blocks[index]).to.equal(block);
          }
          before = blocks;
        }
      }),
      { numRuns: 50 },
    );
  });

  it('keeps the identity of blocks that did not change', () => {
    const read = createBlockReader();
    const before = read('first\n\nsecond', false);
    const after = read('first\n\nsecond grows', false);
    expect(after[0]).to.equal(before[0]);
    expect(after[1]).not.to.equal(before[1]);
  });

  it('finds the address of a link that is given further down', () => {
    const read = createBlockReader();
    const source = '[here][1]\n\ntext\n\nmore\n\n[1]: https://example.com';
    read(source.slice(0, source.indexOf('[1]:')), false);
    expect(html(read(source, true))).to.include('href="https://example.com"');
  });

  it('starts again when the text was replaced, as by a takeover', () => {
    const read = createBlockReader();
    read('# Old\n\ntext\n\nmore', false);
    expect(html(read('new', false))).to.equal(whole('new'));
  });

  it('shows tags as text, except harmless ones', () => {
    expect(whole('a <script>x</script> b')).to.include('&lt;script&gt;');
    expect(whole('H<sub>2</sub>O')).to.include('<sub>2</sub>');
    expect(whole('<sub onclick="x">')).to.include('&lt;sub');
  });

  it('turns pictures into links', () => {
    expect(whole('![a "b"](https://example.com/x.png)')).not.to.include('<img');
  });
});
