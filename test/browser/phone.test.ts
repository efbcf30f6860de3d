import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { eventually } from '../../lab/eventually.js';
import { answer } from '../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, PASSWORD, Person } from './person.js';
import { atRest, wheelUp } from './scrolling.js';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const CHAT_PART = '**/assets/chunks/chat-part-*.js';
const LONG = Array.from({ length: 80 }, (_, index) => `Paragraph ${index + 1}\n\n`);

describe('the chat page elsewhere', () => {
  let app: TestApp;
  let browser: Browser;
  let serial = 0;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });

  const arrive = async (options: object): Promise<Person> => {
    serial += 1;
    return Person.arrive(browser, app.url, `bob${serial}`, options);
  };

  const join = async (options: object): Promise<Person> => {
    serial += 1;
    return Person.member(browser, app.url, `bob${serial}`, options);
  };

  it('works on a phone: drawer, sending by button, nothing wider than the screen', async () => {
    const bob = await join(PHONE);
    app.upstream.script(answer(['```\n', 'x'.repeat(400), '\n```\n\n', 'y'.repeat(400)]));
    await bob.composer.fill('From my phone');
    await bob.page.getByRole('button', { name: 'Send' }).tap();
    await bob.answerEnds();
    const width = await bob.page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).to.equal(390);

    const list = bob.page.getByRole('navigation', { name: 'Conversations' });
    expect(await list.isVisible()).to.equal(false);
    await bob.page.getByRole('button', { name: 'Open conversations' }).tap();
    await list.getByRole('link', { name: 'New chat' }).tap();
    await bob.page.getByRole('heading', { name: `Hello, ${bob.name}.` }).waitFor();
    await list.waitFor({ state: 'hidden' });
    expect(bob.complaints).to.deep.equal([]);
    await bob.leave();
  });

  it('shows no ring around a conversation that was opened by its address, until a key is pressed', async () => {
    const bob = await join({ ...PHONE, colorScheme: 'dark' });
    await bob.composer.fill('Something to come back to');
    await bob.page.getByRole('button', { name: 'Send' }).tap();
    await bob.answerEnds();
    let release = () => {};
    const touched = new Promise<void>((resolve) => (release = resolve));
    // The focus moves when this part is there. Until then the page is touched.
    await bob.page.route(CHAT_PART, async (route) => {
      await touched;
      await route.continue();
    });
    const asked = bob.page.waitForRequest(CHAT_PART);
    await bob.page.reload();
    await asked;
    await bob.page.touchscreen.tap(195, 400);
    release();
    const thread = bob.page.locator('.scroller');
    await bob.page.locator('.scroller:focus').waitFor();
    const ring = () => thread.evaluate((element) => getComputedStyle(element).outlineStyle);
    expect(await ring()).to.equal('none');
    await bob.page.keyboard.press('PageUp');
    expect(await ring()).to.equal('solid');
    await bob.page.keyboard.press('Tab');
    expect(await ring()).to.equal('none');
    await bob.page.keyboard.press('Shift+Tab');
    expect(await ring()).to.equal('solid');
    await bob.leave();
  });

  it('shows the title on a phone, with all that can be done in one menu, by keyboard too', async () => {
    const bob = await join(PHONE);
    const title = 'Rainbows over the harbour';
    await bob.composer.fill(title);
    await bob.page.getByRole('button', { name: 'Send' }).tap();
    await bob.answerEnds();
    const heading = bob.page.getByRole('heading', { name: title });
    await heading.waitFor();
    const isCut = () => heading.evaluate((e) => e.scrollWidth > e.clientWidth);
    expect(await isCut()).to.equal(false);
    const more = bob.page.getByRole('button', { name: 'More' });
    await more.tap();
    const items = bob.page.getByRole('menuitem');
    await items.first().waitFor();
    expect(await items.allTextContents()).to.deep.equal([
      ...['Rename', 'Model and settings', 'Pin', 'Archive'],
      ...['Print', 'Export as Markdown', 'Export as JSON', 'Delete'],
    ]);
    const focused = () => bob.page.evaluate(() => document.activeElement?.ariaLabel);
    await bob.page.keyboard.press('Escape');
    expect(await focused()).to.equal('More');
    await bob.page.keyboard.press('ArrowDown');
    await items.first().and(bob.page.locator(':focus')).waitFor();
    await bob.page.keyboard.press('Enter');
    const editor = bob.page.getByRole('textbox', { name: 'Title of the conversation' });
    await editor.fill('Harbour');
    await editor.press('Enter');
    await bob.page.getByRole('heading', { name: 'Harbour', exact: true }).waitFor();
    expect(await focused()).to.equal('More');
    expect(await bob.page.getByRole('menu').count()).to.equal(0);
    await more.tap();
    await bob.page.getByRole('menuitem', { name: 'Model and settings' }).tap();
    await bob.page.getByRole('dialog', { name: 'Model and settings' }).waitFor();
    await bob.page.keyboard.press('Escape');
    await bob.page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused()).to.equal('More');
    await more.tap();
    await bob.page.getByRole('menuitem', { name: 'Delete' }).tap();
    await bob.page.getByRole('status').getByRole('button', { name: 'Undo' }).tap();
    await bob.page.getByRole('heading', { name: 'Harbour' }).waitFor();
    expect(bob.complaints).to.deep.equal([]);
    await bob.leave();
  });

  it('speaks Chinese where the browser does, and keeps another choice', async () => {
    const bob = await arrive({ locale: 'zh-CN' });
    await bob.page.getByRole('heading', { name: '欢迎回来' }).waitFor();
    expect(await bob.page.getAttribute('html', 'lang')).to.equal('zh-CN');
    await bob.page.getByRole('button', { name: 'Switch to English' }).click();
    await bob.page.reload();
    await bob.page.getByRole('heading', { name: 'Welcome back' }).waitFor();
    await bob.leave();
  });

  it('is dark where the system is, and keeps another choice', async () => {
    const bob = await arrive({ colorScheme: 'dark' });
    const paper = () =>
      bob.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const dark = await paper();
    await bob.page.getByRole('button', { name: 'Switch to light' }).click();
    const light = await paper();
    expect(light).not.to.equal(dark);
    await bob.page.reload();
    await bob.page.getByRole('button', { name: 'Switch to dark' }).waitFor();
    expect(await paper()).to.equal(light);
    await bob.leave();
  });

  it('tells what is wrong with a login, in words', async () => {
    const bob = await arrive({});
    await bob.page.getByLabel('Email').fill('nobody@example.com');
    await bob.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await bob.page.keyboard.press('Enter');
    const alert = bob.page.getByRole('alert');
    await alert.getByText('The email address and the password do not match.').waitFor();
    // The button is disabled meanwhile. The focus must not be lost with it.
    const send = bob.page.getByRole('button', { name: 'Log in' });
    await bob.page.getByLabel('Password', { exact: true }).fill('another guess');
    await send.press('Enter');
    await alert.getByText('The email address and the password do not match.').waitFor();
    await send.and(bob.page.locator(':focus')).waitFor();
    await bob.leave();
  });

  it('returns to the login when the session was revoked elsewhere, and keeps what was typed', async () => {
    const bob = await join({});
    await bob.composer.fill('half a thought');
    const cookies = await bob.context.cookies();
    const refresh = cookies.find(({ name }) => name.endsWith('refresh_token'))?.value;
    await app.call('/auth/logout', { body: { refresh_token: refresh } });
    await bob.page.getByRole('alert').getByText('This device was logged out.').waitFor();
    await bob.page.getByLabel('Email').fill(`${bob.name}@example.com`);
    await bob.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await bob.page.getByRole('button', { name: 'Log in' }).click();
    await bob.composer.waitFor();
    expect(await bob.composer.inputValue()).to.equal('half a thought');
    await bob.leave();
  });

  /** Somebody at the end of a running answer that is longer than the screen. */
  const readsLongAnswer = async () => {
    const bob = await join({});
    const held = app.upstream.next();
    await bob.say('A long one');
    held.write(...LONG.slice(0, 40));
    await bob.sees('Paragraph 40');
    return { bob, held };
  };

  it('follows the end only for a reader who is there', async () => {
    const { bob, held } = await readsLongAnswer();
    await bob.page.getByText('Paragraph 40').waitFor();
    const scroller = bob.page.locator('.scroller');
    await eventually(
      () => scroller.evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight),
      (fromEnd) => fromEnd < 2,
    );

    await wheelUp(scroller, 600);
    const jump = bob.page.getByRole('button', { name: 'Jump to the latest message' });
    await jump.waitFor();
    const top = await atRest(scroller);
    held.write(...LONG.slice(40));
    await bob.sees('Paragraph 80');
    expect(await scroller.evaluate((element) => element.scrollTop)).to.equal(top);
    await jump.click();
    await jump.waitFor({ state: 'detached' });
    held.finish();
    await bob.answerEnds();
    await bob.leave();
  });

  it('lets go of the end at the first turn of the wheel, though the text grows before the page has moved', async () => {
    const { bob, held } = await readsLongAnswer();
    const scroller = bob.page.locator('.scroller');
    const top = await atRest(scroller);
    await scroller.evaluate((e) => e.dispatchEvent(new WheelEvent('wheel', { deltaY: -100 })));
    held.write(...LONG.slice(40));
    await bob.sees('Paragraph 80');
    expect(await atRest(scroller)).to.equal(top);
    held.finish();
    await bob.answerEnds();
    await bob.leave();
  });

  it('can be used with the keyboard alone', async () => {
    const bob = await join({});
    await bob.say('Keys');
    await bob.answerEnds();
    await bob.page.keyboard.press('ArrowUp');
    const editor = bob.page.getByRole('textbox', { name: 'Edit question' });
    await editor.and(bob.page.locator(':focus')).waitFor();
    await bob.page.keyboard.press('Escape');
    await editor.waitFor({ state: 'detached' });
    expect(await bob.page.evaluate(() => document.activeElement?.id)).to.equal('composer');
    await bob.page.keyboard.press('Control+/');
    const keys = bob.page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await keys.getByText('Start a new chat').waitFor();
    await bob.page.keyboard.press('Escape');
    await keys.waitFor({ state: 'detached' });
    await bob.page.getByRole('button', { name: 'Delete', exact: true }).press('Enter');
    await bob.page.getByRole('heading', { name: `Hello, ${bob.name}.` }).waitFor();
    await bob.composer.fill('typed');
    await bob.page.keyboard.press('Control+z');
    await bob.page.getByText('Deleted.').waitFor();
    await bob.composer.fill('');
    await bob.page.getByRole('link', { name: 'New chat' }).focus();
    await bob.page.keyboard.press('Control+z');
    await bob.page.getByRole('heading', { name: 'Keys' }).waitFor();
    await bob.page.keyboard.press('Control+Shift+O');
    await bob.page.getByRole('heading', { name: `Hello, ${bob.name}.` }).waitFor();
    const focused = () => bob.page.evaluate(() => document.activeElement?.id);
    await bob.page.reload();
    await bob.composer.waitFor();
    await bob.page.getByRole('button', { name: 'Skip to the message box' }).focus();
    await bob.page.keyboard.press('Enter');
    expect(await focused()).to.equal('composer');
    await bob.leave();
  });
});
