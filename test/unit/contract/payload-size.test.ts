import { expect } from 'chai';
import fc from 'fast-check';
import { LIMITS } from '../../../src/contract/limits.js';
import { isModest, mayBeModest } from '../../../src/validation/payload-size.js';

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

  it('counts entries that have no comma beside them', () => {
    const one = (count: number) => `[${Array(count).fill('{"a":[1]}').join()}]`;
    // An entry of the list, a key and an entry each.
    const most = Math.floor(LIMITS.payloadValues / 3);
    for (const [count, fits] of [
      [most, true],
      [most + 1, false],
    ] as const) {
      expect(mayBeModest(bytes(one(count))), `${count}`).to.equal(fits);
      expect(isModest(JSON.parse(one(count))), `${count}`).to.equal(fits);
    }
    const chains = Array(90).fill(`${'{"a":'.repeat(14)}1${'}'.repeat(14)}`);
    expect(mayBeModest(bytes(`[${chains}]`))).to.equal(false);
  });

  it('has long strings with any escapes, which end where the parser says', () => {
    const piece = fc.constantFrom('a', '\\', '"', '[', '\\"', 'x'.repeat(70), '\\'.repeat(65));
    const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        // Each bracket outside of a string would be a level.
        const json = JSON.stringify([...texts, nested(LIMITS.payloadDepth + 1)]);
        return mayBeModest(bytes(json));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is left to the parser when it is wrong', () => {
    for (const text of ['', '"', '"\\', ']]]]', '{"a":"\\"', 'nonsense'])
      expect(mayBeModest(bytes(text)), text).to.equal(true);
  });
});
