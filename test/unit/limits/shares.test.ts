import { expect } from 'chai';
import { Shares } from '../../../src/domain/limits/shares.js';

describe('Shares', () => {
  it('are bounded for each key, and say so', () => {
    const shares = new Shares<string>({ perKey: 2 });
    expect([shares.take('a'), shares.take('a')]).to.not.include(null);
    expect(shares.shortage('a')).to.equal('key');
    expect(shares.take('a')).to.equal(null);
    expect(shares.shortage('b')).to.equal(null);
  });

  it('are bounded for all keys together, and say so', () => {
    const shares = new Shares<string>({ perKey: 2, total: 3 });
    for (const key of ['a', 'a', 'b']) expect(shares.take(key)).to.not.equal(null);
    expect(shares.shortage('b')).to.equal('total');
    expect(shares.take('b')).to.equal(null);
    expect(shares.shortage('a')).to.equal('key');
  });

  it('are given back once', () => {
    const shares = new Shares<number>({ perKey: 10, total: 15 });
    const first = shares.take(1, 6);
    shares.take(2, 9);
    expect(shares.shortage(1, 1)).to.equal('total');
    first?.();
    first?.();
    expect(shares.shortage(1, 6)).to.equal(null);
    expect(shares.shortage(1, 7)).to.equal('total');
    expect(shares.shortage(2, 2)).to.equal('key');
  });

  it('are not bounded for a key without a limit', () => {
    const shares = new Shares<number>({ perKey: Number.POSITIVE_INFINITY, total: 5 });
    expect(shares.take(1, 5)).to.not.equal(null);
    expect(shares.shortage(1)).to.equal('total');
  });
});
