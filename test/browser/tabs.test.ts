import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, Person } from './person.js';

const TABS = 4;

describe('Several tabs of one browser', () => {
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
    ada = await Person.member(browser, app.url, `tabs${serial}`);
  });
  afterEach(function () {
    return ada.leave(this.currentTest);
  });

  const openTabs = async (): Promise<Page[]> => {
    const others = await Promise.all(Array.from({ length: TABS - 1 }, () => ada.secondTab()));
    for (const page of others) await page.getByRole('textbox', { name: 'Message' }).waitFor();
    return [ada.page, ...others];
  };
  const refreshes = () => {
    const seen: string[] = [];
    ada.context.on('request', (request) => {
      if (request.url().endsWith('/auth/refresh')) seen.push(request.method());
    });
    return seen;
  };
  /** Makes the token look expired: the server refuses it, and a refresh replaces it. */
  const spoilAccess = async () => {
    const [cookie] = (await ada.context.cookies()).filter(({ name }) => name === 'access_token');
    if (!cookie) throw new Error('no access cookie');
    await ada.context.addCookies([{ ...cookie, value: 'spoilt' }]);
  };
  /** The list in each tab follows a message in the first. */
  const allFollow = async (pages: Page[], text: string) => {
    await ada.say(text);
    await Promise.all(pages.map((page) => page.getByRole('link', { name: text }).waitFor()));
  };

  it('refresh once when all find their token expired at the same moment', async () => {
    const pages = await openTabs();
    await allFollow(pages, 'Before the night');
    const seen = refreshes();
    await spoilAccess();
    await app.restart();
    await ada.page.getByRole('link', { name: 'New chat' }).click();
    await ada.page.getByRole('heading', { name: `Hello, ${ada.name}.` }).waitFor();
    await allFollow(pages, 'After the night');
    expect(seen).to.deep.equal(['POST']);
  });

  it('all show the login when their session is ended elsewhere', async () => {
    const pages = await openTabs();
    const { value = '' } =
      (await ada.context.cookies()).find(({ name }) => name === 'refresh_token') ?? {};
    await app.call('/auth/logout', { body: { refresh_token: value } });
    await Promise.all(
      pages.map((page) => page.getByRole('heading', { name: 'Welcome back' }).waitFor()),
    );
  });
});
