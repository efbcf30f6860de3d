import { expect } from 'chai';
import { CompletionChunks } from '../../../src/adapters/openai/reading/completion-chunks.js';
import { readOther } from '../../../src/adapters/openai/reading/other-apis.js';
import { UNKNOWN } from '../../../src/adapters/openai/reading/read-text.js';

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

describe('A stream in another form', () => {
  /** Whether the server has said with each of these that nothing more comes. */
  const endings = (...messages: object[]) => {
    const heard: string[] = [];
    const chunks = new CompletionChunks(
      (text) => heard.push(text),
      (text) => text,
    );
    const ends = messages.map((message) => chunks.take(JSON.stringify(message)));
    return { ends, text: heard.join(''), reason: chunks.end.finishReason };
  };

  it('is over with the message that says so, though the connection stays open', () => {
    expect(
      endings({ response: 'one', done: false }, { response: ' two', done: true }),
    ).to.deep.equal({ ends: [false, true], text: 'one two', reason: 'stop' });
    const response = { object: 'response', status: 'incomplete', output: [] };
    expect(
      endings(
        { type: 'response.output_text.delta', delta: 'one' },
        { type: 'response.incomplete', response },
      ),
    ).to.deep.equal({ ends: [false, true], text: 'one', reason: 'length' });
  });
});
