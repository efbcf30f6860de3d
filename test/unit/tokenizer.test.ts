import { expect } from 'chai';
import { loadTokenizer } from '../../src/adapters/openai/tokenizer.js';
import type { Tokenizer } from '../../src/ports/completion-provider.js';

describe('tokenizer', () => {
  let tokenizer: Tokenizer;
  before(async () => {
    tokenizer = await loadTokenizer();
  });

  it('counts the tokens of OpenAI models', () => {
    expect(tokenizer.count('')).to.equal(0);
    expect(tokenizer.count('hello world')).to.equal(2);
    expect(tokenizer.count('你好，世界')).to.equal(3);
  });

  it('takes special markers and broken surrogates for ordinary text', () => {
    expect(tokenizer.count('<|endoftext|>')).to.be.greaterThan(1);
    expect(tokenizer.count('\uD83D abc')).to.be.within(2, 5);
  });

  it('estimates long texts closely', () => {
    const sentence = 'The quick brown fox jumps over the lazy dog, and then it rests. ';
    const exact = tokenizer.count(sentence.repeat(100)) * 100;
    expect(tokenizer.count(sentence.repeat(10_000))).to.be.closeTo(exact, exact / 50);
  });

  it('cuts what the vocabulary cannot split, so that counting takes linear time', () => {
    let seed = 1;
    const random = (first: number, choices: number) => {
      seed = (seed * 16_807) % 2_147_483_647;
      return String.fromCharCode(first + (seed % choices));
    };
    const runs = [
      Array.from({ length: 9_600 }, () => random(0x4e00, 20_000)).join(''),
      Array.from({ length: 9_600 }, () => random(0x61, 26)).join(''),
      ' '.repeat(9_600),
      '!?'.repeat(4_800),
    ];
    for (const run of runs) {
      const cuts = run.match(/.{96}/gs) ?? [];
      const sum = cuts.reduce((total, cut) => total + tokenizer.count(cut), 0);
      expect(tokenizer.count(run)).to.equal(sum);
    }
  });
});
