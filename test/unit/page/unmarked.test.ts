import { expect } from 'chai';
import { unmarked } from '../../../src/web/markdown/unmarked.js';

describe('A piece of Markdown in one line', () => {
  const pieces: [text: string, shown: string][] = [
    ['# Title\n\nIs **bold** and `code`', 'Title\n\nIs bold and code'],
    ['> quoted\n> more', 'quoted\nmore'],
    ['- one\n- two\n3. three\n4) four', 'one\ntwo\nthree\nfour'],
    ['a [link](https://example.com/x) and ![image](y.png)', 'a link and image'],
    ['```js\nlet a = 1\n```', 'js\nlet a = 1\n'],
    ['~~gone~~', 'gone'],
    [
      '2 - 1 = 1, a * b, #tag, x > y, __init__, snake_case',
      '2 - 1 = 1, a * b, #tag, x > y, __init__, snake_case',
    ],
    ['。**注意：**这里', '。注意：这里'],
  ];
  for (const [text, shown] of pieces) {
    it(`is shown without marks: ${JSON.stringify(text)}`, () => {
      expect(unmarked(text, true)).to.equal(shown);
    });
  }

  it('keeps what only looks like the begin of a line', () => {
    expect(unmarked(' - 1', false)).to.equal(' - 1');
    expect(unmarked(' > y\n> z', false)).to.equal(' > y\nz');
  });
});
