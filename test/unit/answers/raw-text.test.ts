import { expect } from 'chai';
import { SaidTokens, saidIn, unescaped } from '../../../src/domain/answers/model/raw-text.js';

const DELTA = { role: 'assistant', content: 'say "content": no', refusal: null, reasoning: 'hm' };
const CALL = { function: { name: 'f', arguments: '{"a":1}' } };
const EVENT = { id: 'x', choices: [{ delta: { ...DELTA, tool_calls: [CALL] } }] };
const SAID = 'say "content": nohm{"a":1}';

/** Each small letter and `_` at the end of a name becomes an escape. */
const withEscapes = (json: string): string =>
  json.replace(/[a-z_](?=":)/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);

describe('What a model says in raw events', () => {
  for (const [how, json] of [
    ['without blanks', JSON.stringify(EVENT)],
    ['on lines of their own', JSON.stringify(EVENT, null, '\t')],
    ['with blanks before colons', JSON.stringify(EVENT).replace(/(?<!\\)":/g, '"\r\n\t :\r\n\t ')],
    ['with escapes in names', withEscapes(JSON.stringify(EVENT))],
  ] as const) {
    it(`is found in fields ${how}`, () => {
      expect(JSON.parse(json)).to.deep.equal(EVENT);
      expect(unescaped(saidIn(json))).to.equal(SAID);
    });
  }

  it('is not what other fields hold, however they are named', () => {
    const odd = { '"content': 'a', contents: 'b', content: [{ type: 'image' }], text: 7 };
    expect(saidIn(JSON.stringify(odd))).to.equal('');
    expect(saidIn(JSON.stringify({ ...odd, x: '\\u0061', text: 'c' }))).to.equal('c');
  });

  it('is found as far as possible in what is no JSON', () => {
    expect(saidIn('{"\\u0061":1,"content":"a","text":"b')).to.equal('a');
  });

  it('is counted in whole texts, however long', () => {
    const tokens = new SaidTokens({ count: (text) => text.length });
    const content = 'a"\\\n'.repeat(300_000);
    expect(tokens.hear(JSON.stringify({ content }))).to.have.length(content.length + 900_000);
    tokens.hear('{"content":"b"}');
    expect(tokens.tokens).to.equal(content.length + 1);
  });
});
