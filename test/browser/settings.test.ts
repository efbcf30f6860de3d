import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, Person } from './person.js';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe('the settings of the page', () => {
  let app: TestApp;
  let browser: Browser;
  let ada: Person;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });
  afterEach(() => ada?.leave());

  const theme = (page: Page) => page.getAttribute('html', 'data-theme');
  const isShown = (page: Page, attribute: string, value: string) =>
    page.locator(`html[${attribute}="${value}"]`).waitFor();

  it('hold in all tabs of the browser at once, and follow the system again', async () => {
    ada = await Person.member(browser, app.url, 'setter', { colorScheme: 'light' });
    const tab = await ada.secondTab();
    await tab.getByRole('textbox', { name: 'Message' }).waitFor();
    await ada.chooses('Dark');
    for (const page of [ada.page, tab]) await isShown(page, 'data-theme', 'dark');
    const bar = await tab.getAttribute('meta[name=theme-color]', 'content');
    expect(bar).to.equal(
      await tab.evaluate(() => getComputedStyle(document.documentElement).backgroundColor),
    );
    await ada.chooses('As the system');
    for (const page of [ada.page, tab]) await isShown(page, 'data-theme', 'light');
    await tab.emulateMedia({ colorScheme: 'dark' });
    await isShown(tab, 'data-theme', 'dark');
    expect(await theme(ada.page)).to.equal('light');

    await ada.chooses('Larger');
    await isShown(tab, 'data-text-size', 'larger');
    const size = () => tab.evaluate(() => getComputedStyle(document.documentElement).fontSize);
    expect(await size()).to.equal('20px');
    await ada.chooses('中文');
    await tab.getByRole('button', { name: '设置' }).waitFor();
    await tab.reload();
    await tab.getByRole('button', { name: '设置' }).waitFor();
    expect(await size()).to.equal('20px');
    expect(ada.complaints).to.deep.equal([]);
  });

  it('can be chosen by keyboard, and on a phone where nothing is wider than the screen', async () => {
    ada = await Person.member(browser, app.url, 'setter2', PHONE);
    const { page } = ada;
    await page.getByRole('button', { name: 'Open conversations' }).tap();
    const opener = page.getByRole('button', { name: 'Settings' });
    await opener.tap();
    const dialog = page.getByRole('dialog', { name: 'Settings' });
    await dialog.getByRole('radio', { name: 'As the system' }).focus();
    await page.keyboard.press('ArrowRight');
    await isShown(page, 'data-theme', 'light');
    await dialog.getByRole('radio', { name: 'Larger' }).tap();
    await isShown(page, 'data-text-size', 'larger');
    const wide = () =>
      dialog.evaluate((e) => e.scrollWidth > e.clientWidth || document.body.scrollWidth > 390);
    expect(await wide()).to.equal(false);
    const heights = await dialog
      .getByRole('radio')
      .evaluateAll((all) => all.map((e) => e.getBoundingClientRect().height));
    expect(Math.min(...heights)).to.be.at.least(44);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await opener.evaluate((e) => e === document.activeElement)).to.equal(true);
    expect(ada.complaints).to.deep.equal([]);
  });
});
