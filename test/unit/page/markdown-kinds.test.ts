import { expect } from 'chai';
import { Lexer } from 'marked';
import { type Block, createBlockReader } from '../../../src/web/markdown/blocks.js';
import { fileNameFor, languageNamed } from '../../../src/web/markdown/code/languages.js';
import { runsOf } from '../../../src/web/markdown/code/runs.js';
import { langOf } from '../../../src/web/markdown/lang-of.js';

const htmlOf = (blocks: readonly Block[]): string =>
  blocks.map((block) => (block.kind === 'html' ? block.html.trim() : `[${block.text}]`)).join('\n');
const whole = (text: string): string => htmlOf(createBlockReader()(text, true));
const growing = (text: string): string => htmlOf(createBlockReader()(text, false));

describe('Markdown as models write it', () => {
  const CASES: [what: string, text: string, html: string][] = [
    ['Chinese emphasis', '。**注意：**这里', '<p>。<strong>注意：</strong>这里</p>'],
    ['Chinese quotes', '这是**“引用”**的', '<p>这是<strong>“引用”</strong>的</p>'],
    ['Korean emphasis', '**강조(x)**는', '<p><strong>강조(x)</strong>는</p>'],
    ['Chinese text that is struck out', '~~删除：~~这里', '<p><del>删除：</del>这里</p>'],
    ['emphasis of English', 'a **b:**c *d* 2 * 3', '<p>a **b:**c <em>d</em> 2 * 3</p>'],
    [
      'an address before Chinese',
      'https://a.com/b。谢谢',
      '<p><a href="https://a.com/b">https://a.com/b</a>。谢谢</p>',
    ],
    ['indices', 'H~2~O 10^3^', '<p>H<sub>2</sub>O 10<sup>3</sup></p>'],
    ['single tildes', '5~10~15 ~a~', '<p>5~10~15 ~a~</p>'],
    ['headings', '## a\n\n#### b\n\n# c', '<h3>a</h3>\n<h4>b</h4>\n<h3>c</h3>'],
    [
      'links that cannot be opened',
      '[a](javascript:alert(1)) [b](/c) [d](#e) [f](http://)',
      '<p>a b d f</p>',
    ],
    [
      'tasks',
      '- [x] a\n- [ ] b',
      '<ul><li data-task="done">☑ a</li><li data-task="open">☐ b</li></ul>',
    ],
    [
      'a pipe in a formula',
      '| a |\n|---|\n| $|x|$ |',
      '<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead><tbody><tr>\n<td><span data-formula="inline">$|x|$</span></td>\n</tr></tbody></table>',
    ],
    ['tags that are not closed', '<b>x\n\ny', '<p><b>x</b></p>\n<p>y</p>'],
  ];
  for (const [what, text, html] of CASES) {
    it(`is read as meant: ${what}`, () => {
      expect(whole(text)).to.equal(html);
    });
  }

  it('keeps what stands between details in one element', () => {
    const html = whole(
      '<details>\n<summary>More</summary>\n\n- a\n\n`</details>`\n\n</details>\n\nafter',
    );
    expect(html).to.match(/^<details><summary>More<\/summary><ul>.*<\/details>\n<p>after<\/p>$/s);
  });

  it('puts footnotes at the end, and shows no marks of notes that do not exist', () => {
    const blocks = createBlockReader()('a[^1] b[^x] c[^2]\n\n[^x]: X\n[^1]: One\n\nlast', true);
    expect(blocks.map((block) => (block.kind === 'html' ? block.note?.label : ''))).to.deep.equal([
      undefined,
      undefined,
      'x',
      '1',
    ]);
    expect(htmlOf(blocks)).to.include('c[^2]').and.to.include('<sup data-note="1">1</sup>');
  });

  it('shows code as it was written, also with the characters of placeholders', () => {
    expect(whole('`$a$` and `\uFDD0\uE000`')).to.include('>$a$<').and.not.to.include('\uFDD0');
    expect(whole('```\n$a$\n```')).to.equal('[$a$]');
    expect(whole('- ```\n  $a$ $$\n  b\n  $$\n  ```')).to.include('>$a$ $$\nb\n$$</code>');
    expect(createBlockReader()('```$a$\nb\n```', true)[0]).to.deep.include({ language: '$a$' });
  });
});

/** The beginnings of blocks of HTML, by the rules of the lexer. */
function blockTags(): string[] {
  const { source } = Lexer.rules.block.gfm.html;
  const [, tags = ''] = /\?\((address\|[^)]+)\)/.exec(source) ?? [];
  const [, raw = ''] = /<\((script\|[^)]+)\)/.exec(source) ?? [];
  const names = tags.replace('h[1-6]', 'h1|h6').split('|');
  expect([...names, raw]).to.include.members(['address', 'ul', 'script|pre|style|textarea']);
  return [...[...names, ...raw.split('|')].map((name) => `<${name}>`), '</p a', '<hr/>', '<!--'];
}

describe('half marks at the end of a text that grows', () => {
  const CASES: [text: string, html: string][] = [
    ['**bold', '<p><strong>bold</strong></p>'],
    ['**bold*', '<p><strong>bold</strong></p>'],
    ['a **', '<p>a </p>'],
    ['*a **b', '<p><em>a <strong>b</strong></em></p>'],
    ['5*3', '<p>5*3</p>'],
    ['你好**注意：', '<p>你好<strong>注意：</strong></p>'],
    ['`code', '<p><code dir="ltr">code</code></p>'],
    ['see [docs', '<p>see </p>'],
    ['see [docs](htt', '<p>see docs</p>'],
    ['text\n---', '<p>text</p>'],
    ['- a\n- [', '<ul><li>a</li></ul>'],
    ['| a | b |\n| --', ''],
    ['```py', ''],
    ['```py\nx\n``', '[x]'],
    ['x $a', '<p>x </p>'],
    ['x\n\n\\[ a', '<p>x</p>'],
    ['H<su', '<p>H</p>'],
    ['a &am', '<p>a </p>'],
    ['1.', ''],
    ['##', ''],
    ['Then:\n- `', '<p>Then:</p>'],
    ['Then:\n- ![', '<p>Then:</p>'],
    ['a `b\n#tag', '<p>a <code dir="ltr">b #tag</code></p>'],
    ['a `b\n-x', '<p>a <code dir="ltr">b -x</code></p>'],
    ['a `b\n**c', '<p>a <code dir="ltr">b **c</code></p>'],
    ['a `b\n# c', '<p>a `b</p>\n<h3>c</h3>'],
    ['a **b\n<p-x> c', '<p>a <strong>b<br>&lt;p-x&gt; c</strong></p>'],
  ];
  for (const [text, html] of CASES) {
    it(`are held back or completed: ${JSON.stringify(text)}`, () => {
      expect(growing(text)).to.equal(html);
    });
  }

  it('are not completed behind the beginning of a block of HTML', () => {
    for (const begin of blockTags())
      expect(growing(`a **b\n${begin}\nthen words`).split('**'), begin).to.have.length(2);
  });

  it('are shown once the text is complete', () => {
    expect(whole('a ** [b')).to.equal('<p>a ** [b</p>');
  });
});

describe('what is known of code and texts', () => {
  it('is the language of code, by all its names', () => {
    expect(['js', 'TSX', 'html', 'c++', 'sh', 'yml'].map(languageNamed)).to.deep.equal([
      'javascript',
      'typescript',
      'xml',
      'cpp',
      'bash',
      'yaml',
    ]);
    expect(['', 'mermaid', 'constructor'].map(languageNamed)).to.deep.equal([null, null, null]);
    expect(['js', 'html', 'mermaid', '../x'].map(fileNameFor)).to.deep.equal([
      'code.js',
      'code.html',
      'code.mmd',
      'code.txt',
    ]);
  });

  it('is the colour of each piece of each line', () => {
    const html = '<span class="a">x\n<span class="b">y</span></span> &lt;&amp;&#x27;\n';
    expect(runsOf(html)).to.deep.equal([
      [['x\n', 'a']],
      [
        ['y', 'b'],
        [" <&'\n", ''],
      ],
    ]);
  });

  it('is the language of a text where its script tells it', () => {
    const texts = [
      'Hello there',
      '你好，世界',
      'これはペンです',
      '안녕하세요',
      'مرحبا بك',
      'سلام چطوری',
      'שלום',
      '`你好` hello',
      '123',
    ];
    expect(texts.map(langOf)).to.deep.equal([
      undefined,
      'zh',
      'ja',
      'ko',
      'ar',
      'fa',
      'he',
      undefined,
      undefined,
    ]);
  });
});
