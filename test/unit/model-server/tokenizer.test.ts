import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import {
  createTokenizer,
  MOST_WORK,
  openTokenizer,
  PIECE_CHARS,
} from '../../../src/adapters/openai/tokenizer.js';
import type { Tokenizer } from '../../../src/ports/tokenizer.js';

const MESSAGE_CHARS = 32_000;
const ANSWER_CHARS = 4_000_000;

/** The same on every run. */
function createRandom() {
  let seed = 1;
  return (first: number, choices: number) => {
    seed = (seed * 16_807) % 2_147_483_647;
    return String.fromCharCode(first + (seed % choices));
  };
}

const random = createRandom();
const BLOCK_CHARS = 8_000;
const of = (chars: number, next: () => string) => {
  let block = '';
  while (block.length < Math.min(chars, BLOCK_CHARS)) block += next();
  return block.repeat(Math.ceil(chars / block.length)).slice(0, chars);
};

/** Texts that a splitter by words leaves whole, or nearly so, and characters without tokens of their own. */
const HARD: Record<string, () => string> = {
  'slashes and line ends': () => '/\n',
  'slashes and line ends at random': () => random(0, 2) + (random(0, 2) === '\0' ? '/' : '\n'),
  'signs, line ends and slashes': () => '!\n/\r',
  'line ends': () => '\n',
  'spaces and line ends': () => ' \n',
  spaces: () => ' ',
  tabs: () => '\t',
  'Chinese without punctuation': () => random(0x4e00, 20_000),
  'Korean without spaces': () => random(0xac00, 11_000),
  Thai: () => random(0xe01, 58),
  letters: () => random(0x61, 26),
  'one letter': () => 'a',
  signs: () => random(33, 14),
  apostrophes: () => "'s",
  digits: () => random(48, 10),
  base64: () => random(47, 75),
  emoji: () => '👩‍👩‍👧😀',
  'combining marks': () => '\u0301',
  'lone surrogates': () => '\ud83d',
  'anything at all': () => random(0x20, 0xd000),
  markers: () => '<|endoftext|>',
};

const file = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
/**
 * Cut to fixed lengths: samples meet the same place of each copy of a repeated text if the number of copies is a Fibonacci
 * number or near one.
 */
const ENGLISH = file('docs/architecture.md').slice(0, 30_000);
const CHINESE = file('README.zh-CN.md').replace(/[\x20-\x7e]+/g, '');
const CODE = file('src/adapters/openai/provider.ts') + file('src/node/context.ts');
const ORDINARY: Record<string, string> = {
  English: ENGLISH,
  Chinese: CHINESE.repeat(3),
  code: CODE,
  'both languages': file('README.zh-CN.md'),
  'Chinese after English': ENGLISH + CHINESE.repeat(3),
  JSON: JSON.stringify(JSON.parse(file('package.json')), null, 2).repeat(5),
};

describe('tokenizer', () => {
  let tokenizer: Tokenizer;
  before(() => {
    tokenizer = openTokenizer();
  });

  it('counts the tokens of OpenAI models', () => {
    expect(tokenizer.count('')).to.equal(0);
    expect(tokenizer.count('hello world')).to.equal(2);
    expect(tokenizer.count('你好，世界')).to.equal(3);
    const text = ENGLISH.slice(0, 8_000);
    expect(tokenizer.count(text)).to.be.closeTo(countTokens(text), 20);
  });

  it('takes special markers and broken surrogates for ordinary text', () => {
    expect(tokenizer.count('<|endoftext|>')).to.be.greaterThan(1);
    expect(tokenizer.count('\uD83D abc')).to.be.within(2, 5);
  });

  for (const [name, text] of Object.entries(ORDINARY)) {
    it(`is within a tenth of the truth for ${name}, however long`, () => {
      const exact = countTokens(text);
      expect(tokenizer.count(text)).to.be.closeTo(exact, exact / 10);
      const times = Math.ceil(ANSWER_CHARS / text.length);
      expect(tokenizer.count(text.repeat(times))).to.be.closeTo(exact * times, exact * times * 0.1);
    });
  }

  describe('gives the vocabulary little at once, and not much in one count', () => {
    const watch = () => {
      const given: string[] = [];
      const watched = createTokenizer((piece) => given.push(piece) && piece.length);
      return { given, count: (text: string) => watched.count(text) };
    };
    /** Characters beyond ASCII cost as much as four. */
    const work = (texts: string[]) =>
      [...texts.join('')].reduce((sum, char) => sum + (char < '\x80' ? 1 : 4 * char.length), 0);
    const LONGEST_SAMPLE = 4 * 256;

    for (const [name, next] of Object.entries(HARD)) {
      it(`of ${name}`, () => {
        for (const chars of [2_000, MESSAGE_CHARS, ANSWER_CHARS]) {
          const { given, count } = watch();
          const text = of(chars, next);
          expect(count(text)).to.equal(text.length);
          expect(Math.max(...given.map((piece) => piece.length))).to.be.at.most(PIECE_CHARS);
          expect(work(given)).to.be.at.most(MOST_WORK + LONGEST_SAMPLE);
        }
      });
    }

    it('and all of what is short enough, whatever it is', () => {
      const text = fc.oneof(
        fc.string({ maxLength: 300 }),
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.string({ unit: fc.constantFrom(' ', 'a', '\n', '😀', '/'), maxLength: 300 }),
      );
      fc.assert(
        fc.property(text, (whole) => {
          const { given, count } = watch();
          count(whole);
          expect(given.join('')).to.equal(whole);
          expect(given.some((piece) => /[\uD800-\uDBFF]$/.test(piece))).to.equal(false);
        }),
        { numRuns: 50 },
      );
    });
  });

  it('cuts where the vocabulary would, so that a cut costs no more than a token', () => {
    for (const [name, next] of Object.entries(HARD)) {
      const text = of(1_024, next);
      const most = countTokens(text, { disallowedSpecial: new Set() });
      expect(tokenizer.count(text), name).to.be.within(most - 10, most + 10 + most / 50);
    }
  });
});
