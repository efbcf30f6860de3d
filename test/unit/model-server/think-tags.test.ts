import { expect } from 'chai';
import fc from 'fast-check';
import { ThinkTags } from '../../../src/adapters/openai/reading/think-tags.js';

function read(pieces: readonly string[]) {
  const said = { text: '', reasoning: '' };
  const tags = new ThinkTags(
    (text) => {
      said.text += text;
    },
    (text) => {
      said.reasoning += text;
    },
  );
  for (const piece of pieces) tags.push(piece);
  tags.end();
  return said;
}

describe('Reasoning between tags', () => {
  const CASES: [what: string, text: string, said: { text: string; reasoning: string }][] = [
    ['is taken out of the text', '<think>hm</think>So.', { text: 'So.', reasoning: 'hm' }],
    [
      'loses the blanks around it',
      '\n<think>\nhm\n</think>\n\nSo.\n',
      { text: 'So.\n', reasoning: 'hm\n' },
    ],
    ['may be all there is', '<think>hm', { text: '', reasoning: 'hm' }],
    ['may be empty', '<think></think>So.', { text: 'So.', reasoning: '' }],
    ['may have half a tag at its end', '<think>hm</thi', { text: '', reasoning: 'hm</thi' }],
    [
      'has to be at the very start',
      'So <think>hm</think>',
      { text: 'So <think>hm</think>', reasoning: '' },
    ],
    ['is not what only looks like it', '<thin', { text: '<thin', reasoning: '' }],
    ['is not another tag', ' <thinker>', { text: ' <thinker>', reasoning: '' }],
    [
      'ends once',
      '<think>a</think>b<think>c</think>',
      { text: 'b<think>c</think>', reasoning: 'a' },
    ],
  ];
  for (const [what, text, said] of CASES) {
    it(`${what}, however it is cut into pieces`, () => {
      expect(read([text])).to.deep.equal(said);
      expect(read([...text])).to.deep.equal(said);
      const cuts = fc.array(fc.nat(text.length), { maxLength: 6 });
      fc.assert(
        fc.property(cuts, (at) => {
          const ends = [...at, text.length].sort((a, b) => a - b);
          const pieces = ends.map((end, i) => text.slice(ends[i - 1] ?? 0, end));
          expect(read(pieces)).to.deep.equal(said);
        }),
        { numRuns: 50 },
      );
    });
  }
});
