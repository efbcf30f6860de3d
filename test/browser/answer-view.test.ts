import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { FORMATTED_TEXTS } from '../../lab/models/formatted-texts.js';
import { type AnswerLab, answerPage } from './answer-view.js';
import { launchBrowser } from './person.js';

describe('the elements of an answer that grows', () => {
  let browser: Browser;
  let page: Page;

  before(async () => {
    browser = await launchBrowser();
    page = await answerPage(browser);
  });
  after(() => browser?.close());

  const grows = (text: string, step: number) =>
    page.evaluate(
      ([source, size]) => (Reflect.get(window, 'answers') as AnswerLab).grows(source, size),
      [text, step] as const,
    );

  for (const [name, text] of FORMATTED_TEXTS) {
    it(`are those of the whole answer, and settled ones stay: ${name}`, async () => {
      for (const step of [1, 11]) {
        const { problems, grown, atOnce } = await grows(text, step);
        expect(problems).to.deep.equal([]);
        expect(grown).to.equal(atOnce);
      }
    });
  }

  it('are those of the whole answer with all of it together', async () => {
    const all = FORMATTED_TEXTS.map(([, text]) => text).join('\n');
    const { problems, grown, atOnce } = await grows(all, 13);
    expect(problems).to.deep.equal([]);
    expect(grown).to.equal(atOnce);
  });

  const appends = (block: Parameters<AnswerLab['appends']>[0]) =>
    page.evaluate((given) => (Reflect.get(window, 'answers') as AnswerLab).appends(given), block);

  it('get more text at their end without being made again', async () => {
    for (const [before, next] of [
      ['<p>one</p>', '<p>one two</p>'],
      ['<p>a &amp;</p>', '<p>a &amp; &lt;b&gt; &quot;c&#39;</p>'],
      ['<ul>\n<li>one</li>\n</ul>\n', '<ul>\n<li>one more</li>\n</ul>\n'],
      ['<p>a <strong>b</strong></p>', '<p>a <strong>bc</strong></p>'],
    ] as const) {
      const whole = await page.evaluate((html) => {
        const root = document.createElement('div');
        root.innerHTML = html;
        return root.innerHTML;
      }, next);
      expect(await appends({ before, next }), next).to.equal(whole);
    }
  });

  it('are made again when more than their last text differs', async () => {
    const refused = {
      'a new element': { before: '<p>a</p>', next: '<p>a<b>c</b></p>' },
      'another beginning': { before: '<p>ab</p>', next: '<p>xbc</p>' },
      'another end': { before: '<p>a</p>', next: '<p>ab</p><p>c</p>' },
      'less text': { before: '<p>abc</p>', next: '<p>ab</p>' },
      'an unknown entity': { before: '<p>a</p>', next: '<p>a&nbsp;b</p>' },
      'a sign that parsers change': { before: '<p>a</p>', next: '<p>a\rb</p>' },
      'no element around it': { before: 'a', next: 'ab' },
      'no text yet': { before: '<p></p>', next: '<p>a</p>' },
      'a text that is shown otherwise': {
        before: '<p>a</p>',
        next: '<p>ab</p>',
        shown: '<p>A</p>',
      },
      'a tag that the sanitizer has removed': {
        ...{ before: '<p><x-y>a</x-y></p>', next: '<p><x-y>ab</x-y></p>', shown: '<p>a</p>' },
      },
      'an element that keeps itself': {
        ...{ before: '<p>a</p>', next: '<p>ab</p>', isManaged: true },
      },
    } as const;
    for (const [why, block] of Object.entries(refused))
      expect(await appends(block), why).to.equal(null);
  });
});
