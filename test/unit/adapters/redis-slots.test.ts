import { expect } from 'chai';
import { slotOf, tagOf } from '../../../src/adapters/redis/connection/slots.js';

describe('A tag for keys of one master', () => {
  it('is the smallest one, so that all nodes have the same', () => {
    const tag = Number(tagOf((slot) => slot < 5_461));
    expect(slotOf(String(tag))).to.be.below(5_461);
    for (let smaller = 0; smaller < tag; smaller += 1)
      expect(slotOf(String(smaller))).to.be.at.least(5_461);
  });

  it('exists for every slot that a master may be left with', () => {
    const missing = new Set(Array.from({ length: 16_384 }, (_, slot) => slot));
    expect(() =>
      tagOf((slot) => {
        missing.delete(slot);
        return false;
      }),
    ).to.throw('no slots');
    expect([...missing]).to.deep.equal([]);
  });
});
