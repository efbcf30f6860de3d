import { expect } from 'chai';
import { readOther } from '../../src/adapters/openai/other-apis.js';
import { UNKNOWN } from '../../src/adapters/openai/read-text.js';

describe('A message in the form of the Responses API', () => {
  const wholeOf = (output: unknown) => readOther({ object: 'response', output })?.whole;

  it('is unknown, and not empty, if its output has another form', () => {
    for (const output of ['text', 7, { text: 'text' }, ['text'], [null], [{}, 'text']]) {
      expect(wholeOf(output), JSON.stringify(output)).to.equal(UNKNOWN);
    }
  });

  it('has the texts of its messages, and nothing of calls', () => {
    const part = { type: 'output_text', text: 'one' };
    const message = { type: 'message', content: [part] };
    const call = { type: 'function_call', name: 'f', arguments: '{}' };
    expect(wholeOf([message, call, { content: [{ ...part, text: ' two' }] }])).to.equal('one two');
    expect(wholeOf([call])).to.equal('');
    expect(wholeOf([])).to.equal('');
  });
});
