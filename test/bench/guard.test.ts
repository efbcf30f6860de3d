import { expect } from 'chai';
import { judge } from '../../bench/guard.js';
import type { Results, Row } from '../../bench/results.js';

const steady = (value: number): Row => ({ median: value, min: value * 0.95, max: value * 1.05 });
const measured = (ours: number, limit = 10): Results => ({
  tokens: { unit: 'us', rows: { 'ours-memory': steady(ours), limit: steady(limit) } },
});
const fannedOut = (ours: number): Results => ({
  'fan-out': { unit: '1/s', rows: { 'ours-memory': steady(ours), 'bare-socketio': steady(100) } },
});
const isWorse = (before: Results, after: Results) =>
  judge(before, after).map((verdict) => verdict.isWorse);

describe('The guard of the hot path', () => {
  it('finds a cost that has grown beyond the spread of both runs', () => {
    expect(isWorse(measured(13), measured(20))).to.deep.equal([true]);
    expect(isWorse(measured(13), measured(14))).to.deep.equal([false]);
    expect(isWorse(measured(13), measured(8))).to.deep.equal([false]);
  });

  it('goes by ratios: a machine that is slower in all is no finding', () => {
    expect(isWorse(measured(13), measured(39, 30))).to.deep.equal([false]);
    expect(isWorse(measured(13), measured(60, 30))).to.deep.equal([true]);
  });

  it('knows rows of which more is better', () => {
    expect(isWorse(fannedOut(95), fannedOut(60))).to.deep.equal([true]);
    expect(isWorse(fannedOut(95), fannedOut(150))).to.deep.equal([false]);
  });

  it('says nothing of what is not on record', () => {
    expect(judge({}, measured(13))).to.deep.equal([]);
  });
});
