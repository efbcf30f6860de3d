import { expect } from 'chai';
import fc from 'fast-check';
import { type Block, createBlockReader } from '../../src/web/markdown/blocks.js';

/** White space before an end tag is invisible. */
const html = (blocks: readonly Block[]): string =>
  blocks
    .map((block) => (block.kind === 'html' ? block.html : `[${block.text}]`))
    .join('')
    .replace(/\s+<\//g, '</');

const whole = (text: string): string => html(createBlockReader()(text, true));

const line = fc.constantFrom(
  'plain *words*',
  '- item',
  '  - nested',
  '1. one',
  '',
  '',
  '```js',
  '```',
  '# title',
  '---',
  '| a | b |',
  '| --- | --- |',
  '> quote',
  '    indented',
  '你好 **粗体**',
  '<b>bold</b>',
  '[link](https://example.com)',
);
const text = fc.array(line, { maxLength: 30 }).map((lines) => lines.join('\n'));

describe('reading Markdown that grows', () => {
  it('shows at every moment what reading it whole would show', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 9 }), { minLength: 40 }), (source, steps) => {
        const read = createBlockReader();
        for (let end = 0, i = 0; end < source.length; i += 1) {
          end += 1 + (steps[i % steps.length] ?? 0);
          const part = source.slice(0, end);
          expect(html(read(part, false))).to.equal(whole(part));
        }
      }),
      { numRuns: 500 },
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
