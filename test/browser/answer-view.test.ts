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
});
