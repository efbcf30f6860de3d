import { expect } from 'chai';
import fc from 'fast-check';
import { lastRows, rowsBetween, spansOf } from '../../../src/web/components/rows/row-spans.js';

describe('the rows of a long list that are in the document', () => {
  const kept = fc.array(
    fc.record({ from: fc.integer({ min: -5, max: 30 }), to: fc.integer({ min: -5, max: 30 }) }),
  );

  it('are all those that must be kept, each once, and gaps take the place of the others', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), kept, (count, wanted) => {
        const spans = spansOf(count, wanted);
        const shown = spans.flatMap(({ from, to, isShown }) =>
          Array.from({ length: to - from }, () => isShown),
        );
        const expected = Array.from({ length: count }, (_, row) =>
          wanted.some(({ from, to }) => from <= row && row < to),
        );
        expect(shown).to.deep.equal(expected);
        for (const [index, { isShown }] of spans.entries())
          expect(isShown).to.not.equal(spans[index - 1]?.isShown);
      }),
    );
  });

  it('are those of which a part is between two places', () => {
    const heights = [100, 50, 200, 100];
    const at = (top: number, bottom: number) =>
      rowsBetween(heights, { start: -100, gap: 20, top, bottom });
    expect(at(0, 100)).to.deep.equal({ from: 0, to: 3 });
    expect(at(25, 60)).to.deep.equal({ from: 1, to: 2 });
    for (const none of [at(75, 85), at(1_000, 2_000)]) expect(none.to).to.equal(none.from);
  });

  it('are the last ones at first, as many as fill the view', () => {
    expect(lastRows([100, 50, 200, 100], 250)).to.deep.equal({ from: 2, to: 4 });
    expect(lastRows([100], 250)).to.deep.equal({ from: 0, to: 1 });
    expect(lastRows([], 250)).to.deep.equal({ from: 0, to: 0 });
  });
});
