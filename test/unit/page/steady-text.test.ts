import { expect } from 'chai';
import type { MessageStatus } from '../../../src/contract/rest.js';
import { type SteadyText, steadyText } from '../../../src/web/state/answers/steady-text.js';

/** The text that a reader sees after each of the states. */
function seen(...states: [attempt: number, content: string, status?: MessageStatus][]) {
  let shown: SteadyText | null = null;
  return states.map(([attempt, content, status = 'streaming']) => {
    shown = steadyText(shown, { attempt, content, status });
    return shown.isOld ? `old: ${shown.text}` : shown.text;
  });
}

describe('an answer that is written again', () => {
  it('keeps the old text in sight until the new one has passed it', () => {
    expect(seen([1, 'one two'], [2, ''], [2, 'eins'], [2, 'eins zwei'], [2, 'eins'])).to.deep.equal(
      ['one two', 'old: one two', 'old: one two', 'eins zwei', 'eins'],
    );
  });

  it('ends with what is stored, however short it is', () => {
    expect(seen([1, 'one two'], [2, 'ein'], [2, 'eins', 'completed'])).to.deep.equal([
      'one two',
      'old: one two',
      'eins',
    ]);
    expect(seen([1, 'one two'], [2, '', 'failed'])).to.deep.equal(['one two', '']);
  });

  it('keeps the longest text over several attempts', () => {
    expect(seen([1, 'one two'], [2, 'ei'], [3, 'u'], [3, 'un deux trois'])).to.deep.equal([
      'one two',
      'old: one two',
      'old: one two',
      'un deux trois',
    ]);
  });

  it('says nothing of a restart where an answer continues', () => {
    expect(seen([1, 'one', 'stopped'], [2, 'one two'])).to.deep.equal(['one', 'one two']);
  });
});
