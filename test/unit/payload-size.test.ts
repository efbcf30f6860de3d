import { expect } from 'chai';
import fc from 'fast-check';
import { LIMITS } from '../../src/contract/limits.js';
import { isModest, mayBeModest } from '../../src/validation/payload-size.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const entries = (count: number) => JSON.stringify(Array(count).fill('a,{["\\'));
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('JSON that is looked at before it is parsed', () => {
  it('passes whenever its value is modest', () => {
    fc.assert(
      fc.property(fc.json(), (text) => !isModest(JSON.parse(text)) || mayBeModest(bytes(text))),
    );
  });

  it('is refused one entry and one level beyond what is allowed, and signs within strings do not count', () => {
    expect(mayBeModest(bytes(entries(LIMITS.payloadValues)))).to.equal(true);
    expect(mayBeModest(bytes(entries(LIMITS.payloadValues + 2)))).to.equal(false);
    expect(mayBeModest(bytes(nested(LIMITS.payloadDepth)))).to.equal(true);
    expect(mayBeModest(bytes(nested(LIMITS.payloadDepth + 1)))).to.equal(false);
    const keys = Array.from({ length: LIMITS.payloadValues + 2 }, (_, i) => [`k${i}`, i]);
    expect(mayBeModest(bytes(JSON.stringify(Object.fromEntries(keys))))).to.equal(false);
  });

  it('is left to the parser when it is wrong', () => {
    for (const text of ['', '"', '"\\', ']]]]', '{"a":"\\"', 'nonsense'])
      expect(mayBeModest(bytes(text)), text).to.equal(true);
  });
});
