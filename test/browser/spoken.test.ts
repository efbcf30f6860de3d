import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { eventually } from '../../lab/eventually.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, Person } from './person.js';

const PIECES = [
  ...['# A **title**\n\n', 'Some *words* with `code` and [a link](https://example.com).\n\n'],
  ...['- one\n- two\n\n', '```js\nlet x = 1;\n```\n\n', '| a | b |\n|---|---|\n| 1 | 2 |\n\n'],
  ...['Euler: $e^x$.\n'],
];
const MARKS = /[#*`|[\]$]|---|https:/;

interface Told {
  said: string[];
  /** Changes of anything that a screen reader would read out. */
  changes: number;
}

describe('what a screen reader is told of an answer', () => {
  let app: TestApp;
  let browser: Browser;
  let ada: Person;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
    ada = await Person.member(browser, app.url, 'listener');
    await ada.say('First');
    await ada.answerEnds();
  });
  after(async () => {
    await ada?.leave();
    await browser?.close();
    await app?.stop();
  });

  /** Records from now on each text of the region for answers, and how often any live region changed. */
  const listen = () =>
    ada.page.evaluate(() => {
      const told: Told = { said: [], changes: 0 };
      Object.assign(window, { told });
      new MutationObserver((records) => {
        const live = records
          .map(({ target }) => (target instanceof Element ? target : target.parentElement))
          .map((element) =>
            element?.closest('[aria-live], [role=status], [role=alert], [role=log]'),
          )
          // A connection that is slow for a moment is told of in a place of its own.
          .filter((element) => element?.closest('button, .banner-place') === null);
        told.changes += live.length;
        for (const region of new Set(live)) {
          if (region?.matches('.scroll-frame > [aria-live]') && region.textContent)
            told.said.push(region.textContent.replace(/\s+/g, ' '));
        }
      }).observe(document.body, { childList: true, characterData: true, subtree: true });
    });
  const told = () => ada.page.evaluate(() => (window as unknown as { told: Told }).told);
  const begins = async () => {
    await listen();
    const held = app.upstream.next();
    await ada.say('Next');
    held.write('Well. ');
    await ada.sees('Well.');
    await eventually(told, ({ said }) => said.length === 1);
    return held;
  };

  it('is that it is written, nothing for each piece, then that it is complete, and its words', async () => {
    const held = await begins();
    const before = await told();
    for (let piece = 0; piece < 40; piece += 1) {
      held.write(`word${piece} `);
      await ada.sees(`word${piece}`);
    }
    held.write('\n\n', ...PIECES);
    await ada.sees('Euler');
    // What sets formulas is loaded with the first one. Until then it is shown as it was written.
    await ada.answers.last().locator('.formula .katex').waitFor();
    expect((await told()).changes).to.equal(before.changes);
    held.finish();
    await ada.answerEnds();
    const { said } = await eventually(told, (now) => now.said.length === 2);
    expect(said[0]).to.equal('Parley is answering.');
    expect(said[1]).to.match(/^The answer is complete\. Well\. word0 .*word39 A title Some words/);
    expect(said[1]).to.include('let x = 1;').and.include('one two');
    expect(said[1]).to.not.match(MARKS);
  });

  it('is that it was stopped, and what there is of it', async () => {
    const held = await begins();
    held.write('Half **of** it');
    await ada.sees('Half of it');
    await ada.page.getByRole('button', { name: 'Stop', exact: true }).click();
    await ada.answerEnds();
    const { said } = await eventually(told, (now) => now.said.length === 2);
    expect(said[1])
      .to.match(/^Stopped.*Half of it$/)
      .and.not.match(MARKS);
  });

  it('is that it failed, and why', async () => {
    const held = await begins();
    held.raw('data: {"error":{"message":"scripted","type":"server_error","code":500}}\n\n');
    held.end();
    await ada.answerEnds();
    const { said } = await eventually(told, (now) => now.said.length === 2);
    const ending = await ada.answers.last().locator('.ending p').innerText();
    expect(said[1]?.startsWith(ending.replace(/\s+/g, ' ').trim())).to.equal(true);
  });
});
