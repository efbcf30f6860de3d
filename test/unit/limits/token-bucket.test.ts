import { expect } from 'chai';
import { KeyedBuckets } from '../../../src/domain/limits/keyed-buckets.js';
import { TokenBucket } from '../../../src/domain/limits/token-bucket.js';

describe('a token bucket', () => {
  it('gives its burst at once and then what has refilled', () => {
    const bucket = new TokenBucket(10, 3, 0);
    expect([0, 0, 0, 0].map((now) => bucket.take(1, now))).to.deep.equal([0, 0, 0, 100]);
    expect(bucket.take(1, 100)).to.equal(0);
    expect(bucket.take(1, 150)).to.equal(50);
  });

  it('never holds more than its burst', () => {
    const bucket = new TokenBucket(10, 3, 0);
    expect(bucket.take(3, 1_000_000)).to.equal(0);
    expect(bucket.take(1, 1_000_000)).to.equal(100);
  });

  it('does not let a flood prolong its own wait', () => {
    const bucket = new TokenBucket(10, 1, 0);
    bucket.take(1, 0);
    for (let i = 0; i < 1_000; i += 1) expect(bucket.take(1, 50)).to.equal(50);
    expect(bucket.take(1, 100)).to.equal(0);
  });

  it('is charged for what it has by then, and never below nothing', () => {
    const bucket = new TokenBucket(10, 3, 0);
    bucket.charge(7, 0);
    expect(bucket.waitMs(1, 0)).to.equal(100);
    bucket.charge(1, 200);
    expect(bucket.waitMs(1, 200)).to.equal(0);
    expect(bucket.waitMs(2, 200)).to.equal(100);
  });

  it('gives what costs more than its burst for the whole burst', () => {
    const bucket = new TokenBucket(10, 5, 0);
    expect(bucket.take(50, 0)).to.equal(0);
    expect(bucket.take(50, 0)).to.equal(500);
  });
});

describe('buckets by key', () => {
  it('are each key’s own', () => {
    const buckets = new KeyedBuckets(0.001, 2);
    expect([1, 2].map(() => buckets.take('a'))).to.deep.equal([0, 0]);
    expect(buckets.take('a')).to.be.above(0);
    expect(buckets.take('b')).to.equal(0);
  });

  it('are bounded: of too many keys the oldest begins anew', () => {
    const buckets = new KeyedBuckets(0.001, 1);
    buckets.take('first');
    for (let i = 0; i < 19_999; i += 1) buckets.take(`flood ${i}`);
    expect(buckets.take('first')).to.be.above(0);
    buckets.take('one more');
    expect(buckets.take('first')).to.equal(0);
  });

  it('refuse nothing and delay nothing without a limit', () => {
    const buckets = new KeyedBuckets(Number.POSITIVE_INFINITY, 1);
    buckets.charge('a', 1_000);
    const asked = [1, 2, 3].flatMap(() => [
      buckets.take('a', 1_000),
      buckets.waitMs('a', 1_000),
      buckets.reserve('a', 1_000),
    ]);
    expect(asked).to.deep.equal(asked.map(() => 0));
  });
});
