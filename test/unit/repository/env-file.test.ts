import { expect } from 'chai';
// @ts-expect-error It is plain JavaScript: it runs before anything is built.
import { parseEnv } from '../../../scripts/env-file.js';

const READ: [what: string, text: string, values: Record<string, string>][] = [
  ['a byte order mark', '\uFEFFA=1\nB=2', { A: '1', B: '2' }],
  ['ends of lines of every kind', 'A=1\r\nB=2\rC=3\n\n', { A: '1', B: '2', C: '3' }],
  ['export', 'export A=1\n  export   B=2', { A: '1', B: '2' }],
  ['blanks around =', 'A = 1\n B\t=\t2 ', { A: '1', B: '2' }],
  ['comments', '# a\nA=1 # one\n  # b\nB=\nC= # none', { A: '1', B: '', C: '' }],
  ['quotes', `A="a # b"\nB='c" d' # e\nC=\`f\`\nD=""`, { A: 'a # b', B: 'c" d', C: 'f', D: '' }],
  [
    'several lines',
    'A="one\ntwo"\nB="a\\nb"\nC=\'a\\nb\'',
    { A: 'one\ntwo', B: 'a\nb', C: 'a\\nb' },
  ],
  ['= and quotes inside', `A=b=c\nB=it's`, { A: 'b=c', B: "it's" }],
  ['a name twice, the last counts', 'A=1\nA=2', { A: '2' }],
];
const WRONG: [text: string, line: number][] = [
  ['A=1\nB', 2],
  ['A: 1', 1],
  ['A=1\n\n1B=2', 3],
  ['A-B=1', 1],
  ['A="hunter2', 1],
  ['A=1\nB="hunter2" x', 2],
  ['A=postgres://u:hunter2#x@h/d', 1],
];

describe('.env', () => {
  for (const [what, text, values] of READ) {
    it(`may have ${what}`, () => {
      expect(parseEnv(text)).to.deep.equal(values);
    });
  }
  for (const [text, line] of WRONG) {
    it(`is refused with its line, and no value: ${JSON.stringify(text)}`, () => {
      expect(() => parseEnv(text)).to.throw(new RegExp(`^\\.env, line ${line}: ((?!hunter2).)*$`));
    });
  }

  it('is refused in another encoding than UTF-8', () => {
    const text = Buffer.from('A=1', 'utf16le').toString('utf8');
    expect(() => parseEnv(text)).to.throw('.env is no text in UTF-8');
  });
});
