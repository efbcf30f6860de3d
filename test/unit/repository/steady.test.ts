import { expect } from 'chai';
import { failuresOf } from '../../../scripts/steady.js';

const OUTPUT = `
  outer
    inner thing
      1) fails here
    ✔ passes

  12 passing (3s)
  2 failing

  1) outer
       inner thing
         fails here:
     Error: x: y
      at Context.<anonymous> (test/a.test.ts:1:1)

  2) outer
       "before all" hook for "also fails":

      AssertionError: expected 1 to equal 2
      + expected - actual
`;

describe('What failed in a run of the tests', () => {
  it('is named by its whole title', () => {
    expect(failuresOf(OUTPUT)).to.deep.equal([
      'outer inner thing fails here',
      'outer "before all" hook for "also fails"',
    ]);
  });

  it('is nothing where nothing failed', () => {
    expect(failuresOf('  12 passing (3s)\n')).to.deep.equal([]);
  });
});
