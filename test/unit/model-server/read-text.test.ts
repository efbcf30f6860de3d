import { expect } from 'chai';
import { readOther } from '../../../src/adapters/openai/reading/other-apis.js';
import { readContent, readPiece, UNKNOWN } from '../../../src/adapters/openai/reading/read-text.js';

describe('The text of a delta', () => {
  it('is its content, then its refusal', () => {
    expect(readPiece({ content: 'one', refusal: ' two' })).to.equal('one two');
    expect(readPiece({ content: [{ type: 'text', text: 'one' }, ' two'] })).to.equal('one two');
    expect(readPiece({ content: null, audio: { transcript: 'heard' } })).to.equal('heard');
  });

  it('is empty where a server says nothing yet, whatever it sends beside that', () => {
    for (const delta of [
      { role: 'assistant', content: '' },
      { content: null, tool_calls: [{ function: { arguments: '{}' } }] },
      { content: '', annotations: [{ title: 'a page' }], model: 'm' },
      { content: '', output: {}, data: null },
    ])
      expect(readPiece(delta), JSON.stringify(delta)).to.equal('');
  });

  it('is unknown, and not empty, where text hides under a name that means it', () => {
    for (const delta of [
      { content: '', output: { words: 'Hello' } },
      { content: '', parts: [{ words: 'Hello' }] },
      { content: '', token: 'Hello' },
      { finalReply: 'Hello' },
    ])
      expect(readPiece(delta), JSON.stringify(delta)).to.equal(UNKNOWN);
  });

  it('is unknown in a part that is empty but for a name that means text', () => {
    expect(readContent({ type: 'text', text: '' })).to.equal('');
    expect(readContent({ type: 'text' })).to.equal('');
    expect(readContent({ type: 'text', output: 'Hello' })).to.equal(UNKNOWN);
    expect(readContent({ type: 'riddle' })).to.equal(UNKNOWN);
  });
});

describe('A message in the form of Ollama’s own API', () => {
  it('is unknown, and not empty, where its text has another name', () => {
    const text = (message: Record<string, unknown>) => readOther({ done: false, ...message })?.text;
    expect(text({ response: 'Hello' })).to.equal('Hello');
    expect(text({ message: { role: 'assistant', content: '' } })).to.equal('');
    expect(text({ response: '', delta: 'Hello' })).to.equal(UNKNOWN);
  });
});
