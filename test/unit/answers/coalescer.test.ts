import { expect } from 'chai';
import fc from 'fast-check';
import { LIMITS } from '../../../src/contract/limits.js';
import { spoken, textOf } from '../../../src/contract/spoken.js';
import { Coalescer } from '../../../src/domain/answers/running/coalescer.js';

const small = (deltaChars = 4, answerChars = 1_000) => new Coalescer({ deltaChars, answerChars });
const HALF_AT_END = /[\uD800-\uDBFF]$/;
/** The text after a lossless UTF-8 round trip, without U+0000. */
const clean = (text: string) =>
  Buffer.from(text, 'utf8').toString('utf8').replaceAll('\0', '\uFFFD');

describe('Coalescer', () => {
  it('joins what came since the last take', () => {
    const coalescer = new Coalescer();
    coalescer.push('Hel');
    coalescer.push('lo');
    expect(coalescer.take()).to.deep.equal(['Hello']);
    expect(coalescer.take()).to.deep.equal([]);
    expect(coalescer.end()).to.deep.equal([]);
  });

  it('holds half a surrogate pair back until the other half has come', () => {
    const coalescer = new Coalescer();
    coalescer.push('a\uD83D');
    expect(coalescer.take()).to.deep.equal(['a']);
    expect(coalescer.hasText).to.equal(false);
    expect(coalescer.take()).to.deep.equal([]);
    coalescer.push('\uDE00b');
    expect(coalescer.hasText).to.equal(true);
    expect(coalescer.take()).to.deep.equal(['😀b']);
  });

  it('replaces lone surrogates and U+0000, also at the very end', () => {
    const coalescer = new Coalescer();
    coalescer.push('a\uDE00b\uD83Dc\0\uD83D');
    expect(coalescer.take()).to.deep.equal(['a\uFFFDb\uFFFDc\uFFFD']);
    expect(coalescer.end()).to.deep.equal(['\uFFFD']);
  });

  it('cuts long text into deltas without cutting a pair in two', () => {
    const coalescer = small(4);
    coalescer.push('abc😀defg😀');
    expect(coalescer.take()).to.deep.equal(['abc', '😀de', 'fg😀']);
  });

  it('never exceeds the delta length of the contract', () => {
    const coalescer = new Coalescer();
    coalescer.push('x'.repeat(LIMITS.deltaChars * 2 + 1));
    expect(coalescer.take().map((delta) => textOf(delta).length)).to.deep.equal([
      LIMITS.deltaChars,
      LIMITS.deltaChars,
      1,
    ]);
  });

  it('gathers reasoning beside the text, each in whole characters and in deltas of its own length', () => {
    const coalescer = small(4);
    coalescer.pushReasoning('hm😀hm');
    expect(coalescer.take()).to.deep.equal([
      { text: '', reasoning: 'hm😀' },
      { text: '', reasoning: 'hm' },
    ]);
    coalescer.pushReasoning('so\uD83D');
    coalescer.push('abcdef');
    expect(coalescer.take()).to.deep.equal([{ text: 'abcd', reasoning: 'so' }, 'ef']);
    expect(coalescer.hasText).to.equal(false);
    coalescer.pushReasoning('\uDE00');
    expect(coalescer.hasText).to.equal(true);
    expect(coalescer.end()).to.deep.equal([{ text: '', reasoning: '😀' }]);
  });

  it('counts reasoning against the limit of the answer', () => {
    const coalescer = small(100, 5);
    expect(coalescer.pushReasoning('abc')).to.equal(true);
    expect(coalescer.push('def')).to.equal(false);
    expect(coalescer.take()).to.deep.equal([{ text: 'de', reasoning: 'abc' }]);
  });

  it('says when the answer is at its limit and keeps what fits in whole characters', () => {
    const coalescer = small(100, 5);
    expect(coalescer.push('abcd')).to.equal(true);
    expect(coalescer.push('😀x')).to.equal(false);
    expect(coalescer.push('y')).to.equal(true);
    expect(coalescer.push('z')).to.equal(false);
    expect(coalescer.chars).to.equal(5);
    expect(spoken(coalescer.end()).text).to.equal('abcdy');
  });

  it('gives the upstream text, character for character, however it is chunked and taken', () => {
    const units = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('你好', '😀', '\uD83D', '\uDE00', '\0', 'é', '👩‍👩‍👧'),
      ),
      { maxLength: 12 },
    );
    const step = fc.oneof(fc.nat(6), fc.constant('take' as const));
    fc.assert(
      fc.property(units, fc.array(step), (parts, steps) => {
        const text = parts.join('');
        const coalescer = small(4, 100_000);
        const deltas: string[] = [];
        let from = 0;
        for (const next of steps) {
          if (next === 'take') deltas.push(...coalescer.take().map(textOf));
          else {
            coalescer.push(text.slice(from, from + next));
            from += next;
          }
        }
        coalescer.push(text.slice(from));
        deltas.push(...[...coalescer.take(), ...coalescer.end()].map(textOf));
        expect(deltas.join('')).to.equal(clean(text));
        expect(coalescer.chars).to.equal(text.length);
        for (const delta of deltas) {
          expect(delta.length).to.be.within(1, 4);
          expect(delta).not.to.match(HALF_AT_END);
        }
      }),
    );
  });
});
