import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { echo } from '../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, Person } from './person.js';

describe('keys and the command palette', () => {
  let app: TestApp;
  let browser: Browser;
  let ada: Person;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
    ada = await Person.member(browser, app.url, 'keys');
  });
  after(async () => {
    await ada?.leave();
    await browser?.close();
    await app?.stop();
  });
  beforeEach(() => app.upstream.otherwise(echo()));

  const palette = () => ada.page.getByRole('dialog', { name: 'Command palette' });
  const chosen = () => palette().locator('[role=option][aria-selected=true]');
  const focusedId = () => ada.page.evaluate(() => document.activeElement?.id);
  const asks = async (text: string) => {
    await ada.page.getByRole('link', { name: 'New chat', exact: true }).click();
    await ada.say(text);
    await ada.sees(`echo: ${text}`);
    await ada.answerEnds();
    await ada.page.getByRole('link', { name: text, exact: true }).waitFor();
  };
  const opens = async (query: string) => {
    await ada.page.keyboard.press('Control+k');
    await palette().getByRole('combobox').and(ada.page.locator(':focus')).waitFor();
    await ada.page.keyboard.type(query);
  };

  it('runs every action by typing its name', async () => {
    await asks('Alpha');
    await opens('dark');
    await chosen().getByText('Appearance: Dark').waitFor();
    await ada.page.keyboard.press('Enter');
    await palette().waitFor({ state: 'detached' });
    expect(await ada.page.getAttribute('html', 'data-theme')).to.equal('dark');
    expect(await focusedId()).to.equal('composer');
    await opens('rename');
    await chosen().getByText('Rename').waitFor();
    await ada.page.keyboard.press('Enter');
    const title = ada.page.getByRole('textbox', { name: 'Title of the conversation' });
    await title.and(ada.page.locator(':focus')).waitFor();
    await title.fill('Beta');
    await title.press('Enter');
    await ada.page.getByRole('heading', { name: 'Beta' }).waitFor();
    expect(await focusedId()).to.equal('composer');
    await opens('settings');
    await palette().getByRole('option', { name: 'Settings', exact: true }).click();
    await ada.page.getByRole('dialog', { name: 'Settings', exact: true }).waitFor();
    await ada.page.keyboard.press('Escape');
    await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(ada.complaints).to.deep.equal([]);
  });

  it('is taken back by Escape before its code has come, which stops no answer', async () => {
    const ben = await Person.member(browser, app.url, 'early');
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const asked = ben.page.waitForRequest(/\/palette-dialog-/);
    await ben.page.route(/\/palette-dialog-/, async (route) => {
      await held;
      await route.continue();
    });
    const running = app.upstream.next();
    await ben.say('Write');
    running.write('Begin');
    await ben.sees('Begin');
    await ben.page.keyboard.press('Control+k');
    await asked;
    await ben.page.keyboard.press('Escape');
    const loaded = ben.page.waitForResponse(/\/palette-dialog-/);
    release();
    await loaded;
    running.write(', and the end.');
    running.end();
    await ben.sees('Begin, and the end.');
    await ben.answerEnds();
    expect(await ben.page.getByRole('dialog').count()).to.equal(0);
    expect(ben.complaints).to.deep.equal([]);
    await ben.leave();
  });

  it('names the chosen entry in Chinese, too', async () => {
    await asks('Eta');
    await ada.chooses('中文');
    await ada.page.keyboard.press('Control+k');
    const options = ada.page.getByRole('option');
    await options.first().waitFor();
    const ids = await options.evaluateAll((all) => all.map(({ id }) => id));
    expect(new Set(ids).size).to.equal(ids.length);
    for (let i = 0; i < 3; i++) {
      await ada.page.keyboard.press('ArrowDown');
      const named = await ada.page.getByRole('combobox').evaluate((box) => {
        const id = box.getAttribute('aria-activedescendant') ?? '';
        return document.getElementById(id)?.getAttribute('aria-selected');
      });
      expect(named).to.equal('true');
    }
    await ada.page.keyboard.press('Escape');
    await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
    await ada.chooses('English');
  });

  it('opens again in the moment in which it closes', async () => {
    await asks('Zeta');
    await opens('');
    // The browser tells of the end of a dialog in a later task than that of these keys.
    await ada.page.evaluate(() => {
      const key = { key: 'k', ctrlKey: true, bubbles: true, cancelable: true };
      for (let i = 0; i < 2; i++)
        document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', key));
    });
    await palette().getByRole('combobox').and(ada.page.locator(':focus')).waitFor();
    await ada.page.keyboard.press('Escape');
    await palette().waitFor({ state: 'detached' });
  });

  it('goes to conversations and to messages by what they say, with the arrows', async () => {
    await asks('Gamma one');
    await asks('Gamma two');
    await opens('gamma');
    const options = palette().getByRole('option');
    await options.getByText('echo: Gamma one').waitFor();
    await chosen().getByText('Gamma one').waitFor();
    expect(await chosen().locator('mark').allTextContents()).to.deep.equal(['Gamma']);
    await ada.page.keyboard.press('Enter');
    await ada.page.getByRole('heading', { name: 'Gamma one' }).waitFor();
    await opens('echo two');
    await chosen().getByText('echo: Gamma two').waitFor();
    await ada.page.keyboard.press('Enter');
    await ada.page.locator('.message-assistant:focus').getByText('echo: Gamma two').waitFor();
    await opens('zzz nothing');
    await palette().getByText('Nothing found for “zzz nothing”.').waitFor();
    await ada.page.keyboard.press('Control+k');
    await palette().waitFor({ state: 'detached' });
    await opens('');
    const before = await chosen().textContent();
    await ada.page.keyboard.press('ArrowUp');
    await chosen().and(options.last()).waitFor();
    await ada.page.keyboard.press('ArrowDown');
    expect(await chosen().textContent()).to.equal(before);
    await ada.page.keyboard.press('Escape');
    await palette().waitFor({ state: 'detached' });
    expect(ada.complaints).to.deep.equal([]);
  });

  it('stops the running answer with Escape, unless something that is open takes the key', async () => {
    await asks('Delta');
    const held = app.upstream.next();
    await ada.say('more');
    held.write('Half a');
    await ada.sees('Half a');
    const open = async () => expect(await ada.page.locator('.stop-button').count()).to.equal(1);
    await ada.page.keyboard.press('Control+k');
    await palette().waitFor();
    await ada.page.keyboard.press('Escape');
    await palette().waitFor({ state: 'detached' });
    await ada.page.getByRole('button', { name: 'More', exact: true }).press('Enter');
    await ada.page.getByRole('menu').waitFor();
    await ada.page.keyboard.press('Escape');
    await ada.page.getByRole('menu').waitFor({ state: 'detached' });
    await ada.composer.focus();
    await ada.page.keyboard.press('ArrowUp');
    const editor = ada.page.getByRole('textbox', { name: 'Edit question' });
    await editor.press('Escape');
    await editor.waitFor({ state: 'detached' });
    const search = ada.page.getByRole('textbox', { name: 'Search conversations' });
    await search.fill('delta');
    await search.press('Escape');
    expect(await search.inputValue()).to.equal('');
    await ada.composer.focus();
    await open();
    expect(await focusedId()).to.equal('composer');
    await ada.page.keyboard.press('Escape');
    await ada.answerEnds();
    await ada.page.getByText('Stopped', { exact: false }).first().waitFor();
    expect(await focusedId()).to.equal('composer');
    expect(ada.complaints).to.deep.equal([]);
  });

  it('keeps the focus when the button that stops an answer goes with it', async () => {
    await asks('Epsilon');
    const held = app.upstream.next();
    await ada.say('more');
    held.write('Half a');
    await ada.sees('Half a');
    await ada.page.getByRole('button', { name: 'Stop', exact: true }).press('Enter');
    await ada.answerEnds();
    await ada.page.locator('.stop-button').waitFor({ state: 'detached' });
    expect(await focusedId()).to.equal('composer');
  });

  it('shows the keys after a question mark, but not where it is typed', async () => {
    await ada.composer.fill('');
    await ada.composer.press('?');
    expect(await ada.composer.inputValue()).to.equal('?');
    await ada.composer.fill('');
    await ada.page.getByRole('link', { name: 'New chat', exact: true }).press('?');
    const keys = ada.page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await keys.getByText('Open the command palette').waitFor();
    await ada.page.keyboard.press('Escape');
    await keys.waitFor({ state: 'detached' });
    expect(ada.complaints).to.deep.equal([]);
  });
});
