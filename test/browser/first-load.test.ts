import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, Person } from './person.js';

/** Headers included. A page that needs more is slow on a phone: load what is not in sight with its first use. */
const FORM_KB = 60;
const FORM_FILES = 12;

interface Loaded {
  page: Page;
  context: BrowserContext;
  kilobytes: number;
  paths: string[];
}

describe('the first load of the page', () => {
  let app: TestApp;
  let browser: Browser;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });

  /** Loads the page with an empty cache, until nothing more is asked for. */
  async function load(locale: string): Promise<Loaded> {
    const context = await browser.newContext({ locale, baseURL: app.url });
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    const loaded: Loaded = { page, context, kilobytes: 0, paths: [] };
    await cdp.send('Network.enable');
    cdp.on('Network.requestWillBeSent', ({ request }) => {
      loaded.paths.push(new URL(request.url).pathname);
    });
    cdp.on('Network.loadingFinished', ({ encodedDataLength }) => {
      loaded.kilobytes += encodedDataLength / 1_000;
    });
    await page.goto('/', { waitUntil: 'networkidle' });
    return loaded;
  }

  for (const [locale, name] of [
    ['en-US', 'Email'],
    ['zh-CN', '邮箱'],
  ] as const) {
    it(`is small up to the form in ${locale}, and has the texts of that language only`, async () => {
      const { page, context, kilobytes, paths } = await load(locale);
      await page.getByRole('textbox', { name }).waitFor();
      await context.close();
      expect(kilobytes).to.be.below(FORM_KB);
      expect(paths.length).to.be.below(FORM_FILES);
      const texts = paths.filter((path) => /\/(?:en|zh)-\w+\.js$/.test(path));
      expect(texts.map((path) => /\/(en|zh)-/.exec(path)?.[1])).to.deep.equal([locale.slice(0, 2)]);
    });
  }

  it('brings the chat with the first letter that somebody types into the form', async () => {
    const { page, context, paths } = await load('en-US');
    const chat = () => paths.some((path) => path.includes('/chat-part-'));
    expect(chat()).to.equal(false);
    const asked = page.waitForRequest('**/chat-part-*.js');
    await page.getByRole('textbox', { name: 'Email' }).press('a');
    await asked;
    await context.close();
    expect(chat()).to.equal(true);
  });

  it('asks for the chat of somebody who is logged in, and for the texts, before any of its modules has run', async () => {
    const ada = await Person.arrive(browser, app.url, 'ada');
    await ada.register();
    let isHeld = true;
    const held: (() => void)[] = [];
    await ada.page.route('**/assets/app-*.js', async (route) => {
      if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
      await route.continue();
    });
    const parts = ['**/chat-part-*.js', '**/en-*.js'];
    const asked = parts.map((part) => ada.page.waitForRequest(part));
    await ada.page.goto('/', { waitUntil: 'commit' });
    await Promise.all(asked);
    isHeld = false;
    for (const go of held) go();
    await ada.composer.waitFor();
    await ada.leave();
  });

  it('goes on in another language once its texts are there', async () => {
    const { page, context } = await load('en-US');
    await page.getByRole('button', { name: '切换到中文' }).click();
    await page.getByRole('textbox', { name: '邮箱' }).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).to.equal('zh-CN');
    await page.reload();
    await page.getByRole('textbox', { name: '邮箱' }).waitFor();
    await context.close();
  });
});
