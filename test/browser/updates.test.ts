import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { eventually } from '../../lab/eventually.js';
import { Gate } from '../../lab/gate.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, Person } from './person.js';

const CHUNK = '**/assets/chunks/highlighter-*.js';
const CODE = '```js\nconst a = 1;\n```\n';

describe('a page whose server was updated', () => {
  let app: TestApp;
  let browser: Browser;
  let ada: Person;
  let serial = 0;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });
  beforeEach(async () => {
    serial += 1;
    ada = await Person.member(browser, app.url, `ada${serial}`);
  });
  afterEach(function () {
    return ada.leave(this.currentTest);
  });

  /** Each load gets an old document, as from a cache: its code has another address, and a part of it is gone. */
  const growOld = async () => {
    await ada.page.route(`${app.url}/`, async (route) => {
      if (!route.request().isNavigationRequest()) return route.continue();
      const response = await route.fetch();
      const current = await response.text();
      const body = current.replace(/(src="\/assets\/app-\w+\.js)"/, '$1?old"');
      return route.fulfill({ response, body });
    });
    await ada.page.route(CHUNK, (route) => route.fulfill({ status: 404, body: '' }));
    await ada.page.reload();
    await ada.composer.waitFor();
  };
  /** The page is loaded again a moment after it has said so. So it keeps itself what it says. */
  const listen = () =>
    ada.page.evaluate(() => {
      const notices = document.querySelector('.notices');
      if (notices === null) throw new Error('no place for notices');
      new MutationObserver(() => sessionStorage.setItem('told', notices.textContent)).observe(
        notices,
        { childList: true, characterData: true, subtree: true },
      );
    });
  const asksForCode = async () => {
    app.upstream.next().write(CODE);
    await ada.say('Code, please');
  };

  it('says so when a part is gone, loads once again, and keeps what was typed', async () => {
    await growOld();
    let loads = 0;
    let looks = 0;
    ada.page.on('load', () => {
      loads += 1;
    });
    ada.page.on('response', (response) => {
      const isLook = response.url() === `${app.url}/`;
      if (isLook && !response.request().isNavigationRequest()) looks += 1;
    });
    const typed = new Gate();
    await ada.page.route(CHUNK, async (route) => {
      await typed.opened;
      await route.fallback();
    });
    await listen();
    const reloaded = ada.page.waitForEvent('load');
    await asksForCode();
    await ada.composer.fill('half a thought');
    typed.open();
    await reloaded;
    expect(await ada.page.evaluate(() => sessionStorage.getItem('told'))).to.include(
      'Parley was updated. The page is loading again',
    );
    expect(await ada.composer.inputValue()).to.equal('half a thought');
    // The part is still gone, which is no reason to load the page once more.
    await ada.sees('const a = 1;');
    await eventually(
      () => looks,
      (count) => count === 2,
    );
    // This call ends after the page's look, and the page has acted on that by then.
    await ada.page.evaluate("fetch('/').then((reply) => reply.text())");
    expect(await ada.page.getByText('Parley was updated').count()).to.equal(0);
    expect(loads).to.equal(1);
  });

  it('waits for a text that is being edited, and offers to load', async () => {
    await growOld();
    const answer = app.upstream.next();
    await ada.say('Code, please');
    answer.write('Here: ');
    await ada.sees('Here:');
    await ada.composer.press('ArrowUp');
    await ada.page.getByRole('textbox', { name: 'Edit question' }).waitFor();
    answer.write(`\n\n${CODE}`);
    await ada.page.getByText('Reload the page when you have finished here.').waitFor();
    const loaded = ada.page.waitForEvent('load');
    await ada.page.getByRole('button', { name: 'Reload' }).click();
    await loaded;
  });

  it('does so also when the reader has left that text for another conversation', async () => {
    await growOld();
    await ada.say('A question');
    await ada.answerEnds();
    await ada.composer.press('ArrowUp');
    const editor = ada.page.getByRole('textbox', { name: 'Edit question' });
    await editor.fill('half a thought');
    await ada.page.getByRole('link', { name: 'New chat' }).click();
    await editor.waitFor({ state: 'detached' });
    await asksForCode();
    await ada.page.getByText('Reload the page when you have finished here.').waitFor();
    await ada.page.getByRole('link', { name: 'A question' }).click();
    expect(await editor.inputValue()).to.equal('half a thought');
  });

  it('stays when a part did not come for another reason', async () => {
    await ada.page.route(CHUNK, (route) => route.fulfill({ status: 503, body: '' }));
    const looked = ada.page.waitForResponse((response) => response.url() === `${app.url}/`);
    await asksForCode();
    await looked;
    await ada.sees('const a = 1;');
    expect(await ada.page.getByText('Parley was updated').count()).to.equal(0);
  });
});
