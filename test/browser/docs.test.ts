import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, stopClock } from './person.js';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe('the reference page', () => {
  let app: TestApp;
  let browser: Browser;

  before(async () => {
    [app, browser] = await Promise.all([startApp(), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });

  /** A reader, with the lines of the console that should not be there. */
  const arrive = async (path: string, options: object = {}) => {
    const context = await browser.newContext({ baseURL: app.url, locale: 'en-US', ...options });
    context.setDefaultTimeout(25_000);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(path);
    return { page, complaints, leave: () => context.close() };
  };
  const isWide = (page: Page) =>
    page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

  it('is searched by keyboard, and leads to what was found', async () => {
    const { page, complaints, leave } = await arrive('/docs');
    await page.locator('html[data-scripted]').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('leaf_message_id messages');
    const found = page.locator('.contents li:visible');
    await page.locator('.contents a[href="#getUsersMe"]').waitFor({ state: 'hidden' });
    expect(await found.count()).to.be.within(1, 4);
    await page.keyboard.press('Enter');
    await page.waitForURL(/#getAgentConversationsByIdMessages$/);
    const target = page.locator('#getAgentConversationsByIdMessages');
    expect(await target.getByText('leaf_message_id', { exact: true }).isVisible()).to.equal(true);
    await page.getByRole('searchbox').press('Escape');
    await page.locator('.contents a[href="#getUsersMe"]').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('no such thing at all');
    await page.getByText('Nothing has all these words.').waitFor();
    expect(complaints).to.deep.equal([]);
    await leave();
  });

  it('is not left by the Enter that picks a word of an input method', async () => {
    const { page, leave } = await arrive('/docs');
    await page.locator('html[data-scripted]').waitFor();
    const search = page.getByRole('searchbox');
    await search.fill('messages');
    await search.dispatchEvent('keydown', { key: 'Enter', isComposing: true });
    expect(new URL(page.url()).hash).to.equal('');
    await search.dispatchEvent('keydown', { key: 'Escape', keyCode: 229 });
    expect(await search.inputValue()).to.equal('messages');
    await leave();
  });

  it('shows one language of the examples everywhere, and remembers it', async () => {
    const { page, complaints, leave } = await arrive('/docs#message:send');
    const event = page.locator('[id="message:send"]');
    await event.getByRole('button', { name: 'Python', exact: true }).click();
    await event.getByText('socketio.Client()').waitFor();
    const call = page.locator('#postAgentMessages');
    expect(await call.getByText('requests.post').isVisible()).to.equal(true);
    expect(await call.getByText('curl -sS').isVisible()).to.equal(false);
    await page.reload();
    await event.getByText('socketio.Client()').waitFor();
    expect(await page.locator('.begin code').textContent()).to.include(app.url);
    expect(complaints).to.deep.equal([]);
    await leave();
  });

  it('copies an example, and says so for a moment only, also if it is copied twice', async () => {
    const permissions = ['clipboard-read', 'clipboard-write'];
    const { page, complaints, leave } = await arrive('/docs', { permissions });
    await stopClock(page);
    const call = page.locator('#postAgentMessages');
    const copied = call.getByRole('button', { name: 'Copied', exact: true });
    const read = () => page.evaluate(() => navigator.clipboard.readText());
    await call.getByRole('button', { name: 'Copy', exact: true }).click();
    await copied.click();
    expect(await read()).to.include('curl -sS');
    await page.clock.runFor(10_000);
    await call.getByRole('button', { name: 'Copy', exact: true }).waitFor();
    expect(await copied.count()).to.equal(0);
    expect(complaints).to.deep.equal([]);
    await leave();
  });

  it('copies over plain HTTP too, where browsers offer no clipboard', async () => {
    const { page, complaints, leave } = await arrive('/docs');
    await page.evaluate(() => {
      Object.defineProperty(navigator, 'clipboard', { value: undefined });
      document.addEventListener('copy', () => {
        document.body.dataset.copied = String(getSelection()) || 'a field';
      });
    });
    await stopClock(page);
    const call = page.locator('#postAgentMessages');
    await call.getByRole('button', { name: 'Copy', exact: true }).click();
    await call.getByRole('button', { name: 'Copied', exact: true }).waitFor();
    await page.locator('body[data-copied]').waitFor();
    expect(complaints).to.deep.equal([]);
    await leave();
  });

  it('opens at addresses that lead nowhere, also if they are wrongly encoded', async () => {
    const { page, complaints, leave } = await arrive('/docs#%E0%A4%A');
    await page.locator('html[data-scripted]').waitFor();
    await page.evaluate(() => {
      location.hash = '#100%';
    });
    await page.keyboard.press('/');
    await page.keyboard.type('chat');
    await page.locator('.contents a[href="#getUsersMe"]').waitFor({ state: 'hidden' });
    expect(complaints).to.deep.equal([]);
    await leave();
  });

  it('fits a phone, where its contents are behind a button', async () => {
    const { page, complaints, leave } = await arrive('/docs?language=zh', PHONE);
    expect(await isWide(page)).to.equal(false);
    await page.getByRole('button', { name: '目录' }).tap();
    await page.locator('.contents a[href="#conversation:open"]').tap();
    await page.waitForURL(/#conversation:open$/);
    await page.locator('.contents').waitFor({ state: 'hidden' });
    expect(await page.locator('[id="conversation:open"]').isVisible()).to.equal(true);
    await page.getByRole('button', { name: '目录' }).tap();
    await page.locator('.contents a').first().focus();
    await page.keyboard.press('Escape');
    await page.locator('.contents').waitFor({ state: 'hidden' });
    await page.locator('.menu:focus').waitFor();
    expect(complaints).to.deep.equal([]);
    await leave();
  });

  it('shows what is searched for on a phone of 320 px', async () => {
    const small = { ...PHONE, viewport: { width: 320, height: 640 } };
    const { page, complaints, leave } = await arrive('/docs', small);
    const search = page.getByRole('searchbox');
    const otherLanguage = page.getByRole('link', { name: '简体中文' });
    const isCut = () =>
      search.evaluate(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth);
    await otherLanguage.waitFor();
    await search.tap();
    await page.keyboard.type('leaf_message_id messages');
    expect(await isCut()).to.equal(false);
    await search.evaluate((input) => (input as HTMLInputElement).blur());
    expect(await isCut()).to.equal(false);
    expect(await isWide(page)).to.equal(false);
    await search.fill('');
    await search.evaluate((input) => (input as HTMLInputElement).blur());
    await otherLanguage.waitFor();
    expect(complaints).to.deep.equal([]);
    await leave();
  });

  it('is read without script, with all examples', async () => {
    const { page, leave } = await arrive('/docs#message:send', { javaScriptEnabled: false });
    const event = page.locator('[id="message:send"]');
    expect(await event.getByText('emitWithAck').isVisible()).to.equal(true);
    expect(await event.getByText('socketio.Client()').isVisible()).to.equal(true);
    expect(await page.getByRole('searchbox').count()).to.equal(0);
    await leave();
  });

  it('has the theme of the chat', async () => {
    const { page, complaints, leave } = await arrive('/docs', { colorScheme: 'dark' });
    await page.locator('html[data-theme="dark"]').waitFor();
    await page.getByRole('button', { name: 'Switch between light and dark' }).click();
    await page.locator('html[data-theme="light"]').waitFor();
    expect(await page.evaluate(() => localStorage.getItem('parley:theme'))).to.equal('light');
    expect(complaints).to.deep.equal([]);
    await leave();
  });
});
