import { expect } from 'chai';
import { cpuMs } from '../../../lab/cpu-ms.js';
import { hostileTexts } from '../../../lab/models/hostile-text.js';
import { type Block, createBlockReader } from '../../../src/web/markdown/blocks.js';
import { displayable } from '../../../src/web/markdown/plain-text.js';

const VOID = new Set(['br', 'hr']);

/** Depth of nested elements. */
function depthOf(html: string): number {
  let [depth, deepest] = [0, 0];
  for (const [, end, name = ''] of html.matchAll(/<(\/?)([a-z]\w*)/g)) {
    if (VOID.has(name)) continue;
    depth += end === '/' ? -1 : 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

const tagsOf = (blocks: readonly Block[]): number =>
  blocks.reduce(
    (sum, block) => sum + (block.kind === 'html' ? block.html.split('<').length : 1),
    0,
  );

const rawOf = (blocks: readonly Block[]): string => blocks.map(({ raw }) => raw).join('');

/** White space between blocks belongs to none of them. */
const dense = (text: string): string => text.replace(/\s/g, '');

function expectBounded(blocks: readonly Block[]): void {
  expect(tagsOf(blocks)).to.be.at.most(10_100);
  for (const block of blocks) {
    if (block.kind === 'html') expect(depthOf(block.html)).to.be.at.most(60);
    if (block.kind === 'plain') expect(block.text.length).to.be.at.most(4_000);
  }
}

describe('a text that would break the page', () => {
  for (const [name, text] of hostileTexts(100_000)) {
    it(`is read within bounds: ${name}`, () => {
      const blocks = createBlockReader()(text, true);
      expectBounded(blocks);
      const shown = dense(rawOf(blocks));
      const whole = dense(displayable(text));
      if (/^\s*\[\w+\]:/.test(text)) expect(whole).to.include(shown);
      else expect(shown).to.equal(whole);
    });
  }

  for (const [name, text] of hostileTexts(3_000)) {
    it(`is read within bounds while it grows: ${name}`, () => {
      const read = createBlockReader();
      for (let end = 700; end < text.length; end += 700) {
        expectBounded(read(text.slice(0, end), false));
      }
      expectBounded(read(text, true));
    });
  }

  it('takes no more time for a character when it is longer', () => {
    const cost = (text: string | undefined) => {
      if (text === undefined) throw new Error('no text of this name');
      return cpuMs(() => createBlockReader()(text, true));
    };
    const shorter = hostileTexts(25_000);
    // Four times the text. What is quadratic takes sixteen times as long, and seconds.
    const isSlow = ([name, text]: readonly [string, string]) =>
      cost(text) > 300 + 8 * cost(shorter.get(name));
    // A busy machine makes one measurement slow, and what is quadratic all of them.
    const slow = [...hostileTexts(100_000)].filter(
      (one) => isSlow(one) && isSlow(one) && isSlow(one),
    );
    expect(slow.map(([name]) => name)).to.deep.equal([]);
  });

  it('shows three thousand quote marks as text after the first levels', () => {
    const [block] = createBlockReader()('>'.repeat(3_000), true);
    if (block?.kind !== 'html') throw new Error('not formatted');
    expect(block.html.split('<blockquote>').length - 1).to.equal(10);
    expect(block.html.split('&gt;').length - 1).to.equal(2_990);
  });

  it('formats what stands beside it', () => {
    const blocks = createBlockReader()(`# Title\n\n${'>'.repeat(3_000)}\n\n**end**`, true);
    expect(blocks.at(0)).to.deep.include({ html: '<h3>Title</h3>\n' });
    expect(blocks.at(-1)).to.deep.include({ html: '<p><strong>end</strong></p>\n' });
  });

  it('is formatted up to a length, and shown as it is after that', () => {
    const line = `${'**a** '.repeat(100)}\n\n`;
    const text = line.repeat(1_000);
    const blocks = createBlockReader()(text, true);
    const formatted = blocks.filter(({ kind }) => kind === 'html');
    expect(formatted.length).to.be.greaterThan(20);
    expect(blocks.at(-1)?.kind).to.equal('plain');
    expect(dense(rawOf(blocks))).to.equal(dense(text));
  });

  it('is cut into pieces between characters, never inside one', () => {
    const blocks = createBlockReader()('👩'.repeat(150_001), true);
    for (const { raw } of blocks) expect(Buffer.from(raw).toString()).to.equal(raw);
  });

  it('is formatted as ever in an ordinary long answer', () => {
    const part =
      '## A heading\n\nSome *words* with `code` and [a link](https://a.b/c).\n\n- one\n- two\n\n';
    const blocks = createBlockReader()(part.repeat(300), true);
    expect(blocks.every(({ kind }) => kind === 'html')).to.equal(true);
    expect(blocks.length).to.equal(900);
  });
});
