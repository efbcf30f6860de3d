import { expect } from 'chai';
import { judge, judgeBuilds, machineFactor, type Rows } from '../../bench/guard.js';

/** A busy machine makes the other rounds worse. */
const cost = (best: number) => ({ median: best * 1.4, min: best, max: best * 2 });
const rate = (best: number) => ({ median: best * 0.8, min: best * 0.5, max: best });
const measured = (ours: number, limit = 10): Rows => ({
  'tokens ours-memory': cost(ours),
  'tokens limit': cost(limit),
});
const fannedOut = (ours: number): Rows => ({
  'fan-out ours-memory': rate(ours),
  'fan-out bare-socketio': rate(100),
});
const isWorse = (before: Rows, after: Rows) =>
  judge(before, after).map(({ judgement }) => judgement === 'WORSE');

describe('The guard of the hot path', () => {
  it('finds a cost that has grown by more than a quarter in the best round', () => {
    expect(isWorse(measured(13), measured(16.5))).to.deep.equal([true]);
    expect(isWorse(measured(13), measured(16))).to.deep.equal([false]);
    expect(isWorse(measured(13), measured(8))).to.deep.equal([false]);
  });

  it('compares ratios: a machine that is slower in all is not worse', () => {
    expect(isWorse(measured(13), measured(39, 30))).to.deep.equal([false]);
    expect(isWorse(measured(13), measured(60, 30))).to.deep.equal([true]);
  });

  it('knows rows of which more is better', () => {
    expect(isWorse(fannedOut(95), fannedOut(75))).to.deep.equal([true]);
    expect(isWorse(fannedOut(95), fannedOut(77))).to.deep.equal([false]);
    expect(isWorse(fannedOut(95), fannedOut(150))).to.deep.equal([false]);
  });

  it('accepts no ratio that is not on record', () => {
    expect(judge({}, measured(13))).to.deep.equal([
      {
        name: 'tokens ours-memory / tokens limit',
        onRecord: null,
        now: 1.3,
        judgement: 'NOT ON RECORD',
      },
    ]);
  });

  it('compares two versions by rows of one run', () => {
    const rows = (before: number, ours: number): Rows => ({
      'tokens ours-memory': cost(ours),
      'tokens before-memory': cost(before),
      'fan-out ours-memory': rate(1_000 / ours),
      'fan-out before-memory': rate(1_000 / before),
    });
    const verdicts = (before: number, ours: number) =>
      judgeBuilds(rows(before, ours)).map(({ name, judgement }) => [name, judgement]);
    expect(verdicts(10, 12)).to.deep.equal([
      ['tokens ours-memory / tokens before-memory', 'within 25 %'],
      ['fan-out ours-memory / fan-out before-memory', 'within 25 %'],
    ]);
    expect(verdicts(10, 13)).to.deep.equal([
      ['tokens ours-memory / tokens before-memory', 'WORSE'],
      ['fan-out ours-memory / fan-out before-memory', 'WORSE'],
    ]);
  });

  it('tells a machine that is not that of the record', () => {
    expect(machineFactor(measured(13, 10), measured(20, 20))).to.equal(2);
    expect(machineFactor(measured(13, 20), measured(20, 10))).to.equal(2);
    expect(machineFactor({}, measured(20, 10))).to.equal(1);
  });
});
