import { expect } from 'chai';
import { cpuMs } from '../../../lab/cpu-ms.js';
import { scanFormulas, unmask } from '../../../src/web/markdown/formulas.js';

const formulasIn = (text: string, done = true): string[] =>
  scanFormulas(text, done).formulas.map(({ shown, display }) => (display ? `D ${shown}` : shown));

describe('formulas in a text', () => {
  it('are found by all four kinds of delimiters', () => {
    expect(formulasIn('\\(a\\) \\[b\\] $c$ $$d$$')).to.deep.equal([
      '\\(a\\)',
      'D \\[b\\]',
      '$c$',
      'D $$d$$',
    ]);
    expect(formulasIn('设$x$为，$n$th, $x^2$s')).to.deep.equal(['$x$', '$n$', '$x^2$']);
    expect(formulasIn('$$\na\n\n=\n$$\n\n- \\[\n  x\n  \\]')).to.deep.equal([
      'D $$\na\n\n=\n$$',
      'D \\[\n  x\n  \\]',
    ]);
  });

  it('are without the marks of a quote around them', () => {
    expect(formulasIn('> $$\n> a\n> $$')).to.deep.equal(['D $$\na\n$$']);
  });

  for (const text of [
    '$5 and $10',
    '$5 and 10$',
    'from $5 to $10, or 5$-10$',
    'US$5 and CA$6',
    '价格是$5到$10，或$5 到 10$',
    '**$5** or **$10**',
    '$HOME/bin:$PATH and $USER',
    '\\$a$ and a\\$',
    '$ a $',
    '$100,$200',
  ]) {
    it(`are no money and no names of variables: ${text}`, () => {
      expect(formulasIn(text)).to.deep.equal([]);
    });
  }

  it('are not in code', () => {
    const text = '`$a$` ``\\(b\\)``\n\n```\n$c$\n```\n~~~\n$$d$$\n~~~\n- ```\n  $e$\n  ```\n$f$';
    expect(formulasIn(text, false)).to.deep.equal(['$f$']);
  });

  it('are found in the code of a complete text if they have one line, and shown there as they were written', () => {
    expect(formulasIn('```$a$\n$b$ \\(c\\) $$\nd\n$$ \\(\ne\\)\n```\n$f$')).to.deep.equal([
      ...['$a$', '$b$', '\\(c\\)', '$f$'],
    ]);
  });

  it('are no escaped brackets of links, and nothing that is empty', () => {
    expect(formulasIn('\\[a\\](b) \\\\(c\\\\) $$$$ $$ $$ \\(\\)')).to.deep.equal([]);
  });

  it('leave everything else in its place', () => {
    const text = 'a $b$ c\n$$\nd\n$$ e';
    const { masked, formulas } = scanFormulas(text, true);
    expect(masked.length).to.equal(text.length);
    expect(unmask(masked, formulas)).to.equal(text);
  });

  it('are awaited while the text grows, but not for ever', () => {
    const openAt = (text: string) => scanFormulas(text, false).openAt;
    expect(openAt('so \\[ a')).to.equal(3);
    expect(openAt('so $$\na')).to.equal(3);
    expect(openAt('so $x')).to.equal(3);
    expect(openAt('so $5')).to.equal(null);
    expect(openAt(`so $x ${'words '.repeat(20)}`)).to.equal(null);
    expect(openAt(`\\[${'a'.repeat(6_000)}`)).to.equal(null);
    expect(openAt('a $$ b\n\nc')).to.equal(null);
  });

  it('take little time, however many there seem to be', () => {
    for (const piece of ['$', '$a', '\\(', '\\[\n', '$$\n', '`', '> $$\n', '$a$ ']) {
      const text = piece.repeat(200_000 / piece.length);
      expect(
        cpuMs(() => scanFormulas(text, false)),
        piece,
      ).to.be.below(3_000);
    }
  });
});
