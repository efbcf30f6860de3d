import { expect } from 'chai';
import { JoinedAnswer } from '../../../src/adapters/openai/raw/whole-answers.js';

/** `JSON.parse` makes the key a field of the object. */
const HOSTILE = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';

describe('A whole answer that is joined of events', () => {
  const join = (...events: string[]) => {
    const joined = new JoinedAnswer();
    for (const event of events) joined.add(JSON.parse(event));
    return JSON.parse(JSON.stringify(joined.answer));
  };

  it('keeps fields of any name, and changes no other object', () => {
    const delta = `{"content":"a","extra":${HOSTILE}}`;
    const event = `{"id":"x","__proto__":{"polluted":1},"choices":[{"index":0,"__proto__":{"polluted":1},"delta":${delta}}]}`;
    const answer = join(event, event);
    expect(({} as Record<string, unknown>).polluted).to.equal(undefined);
    expect(answer.choices[0].message.content).to.equal('aa');
    expect(Object.keys(answer.choices[0].message.extra)).to.deep.equal([
      '__proto__',
      'constructor',
    ]);
  });

  it('continues the calls of tools by their index, whatever their pieces', () => {
    const call = (index: number, rest: object) =>
      JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [{ index, ...rest }] } }] });
    const { choices } = join(
      call(0, { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x"' } }),
      call(1, { id: 'b', type: 'function', function: { name: 'g', arguments: '' } }),
      call(0, { function: { arguments: ':1}' } }),
      call(1, { function: { arguments: '{}' } }),
    );
    expect(choices[0].message.tool_calls).to.deep.equal([
      { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
      { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
    ]);
  });
});
