import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { echo } from '../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, Person } from './person.js';
import { openSlowTab } from './slow-tab.js';

describe('a reply that the page gets late', () => {
  let app: TestApp;
  let browser: Browser;
  let ada: Person;
  let serial = 0;

  before(async () => {
    [app, browser] = await Promise.all([
      startApp({ ...FOR_BROWSERS, OPENAI_MODELS: 'other-model' }),
      launchBrowser(),
    ]);
    app.upstream.otherwise(echo());
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });
  beforeEach(async () => {
    serial += 1;
    ada = await Person.member(browser, app.url, `late${serial}`);
  });
  afterEach(function () {
    return ada.leave(this.currentTest);
  });

  const asks = async (text: string) => {
    await ada.page.getByRole('link', { name: 'New chat', exact: true }).click();
    await ada.say(text);
    await ada.sees(`echo: ${text}`);
    await ada.answerEnds();
  };
  const goTo = async (page: Page, title: string) => {
    await page.getByRole('link', { name: title, exact: true }).click();
    await page.getByRole('heading', { name: title, exact: true }).waitFor();
    await page.locator('.message-user .bubble').getByText(title, { exact: true }).waitFor();
  };
  const edit = async (page: Page) => {
    await page.locator('.message-user').hover();
    await page.getByRole('button', { name: 'Edit question' }).click();
    return page.getByRole('textbox', { name: 'Edit question' });
  };

  it('leaves an editor alone that was opened meanwhile in another conversation', async () => {
    await asks('Alpha');
    await asks('Beta');
    const { page, isHeld, release } = await openSlowTab(ada, 'message:edit');
    await goTo(page, 'Alpha');
    const first = await edit(page);
    await first.fill('Alpha again');
    await first.press('Enter');
    await isHeld();
    await goTo(page, 'Beta');
    const second = await edit(page);
    await second.fill('half a thought');
    await release();
    expect(await second.inputValue()).to.equal('half a thought');
    await second.and(page.locator(':focus')).waitFor();
    await page.getByRole('link', { name: /^Alpha/ }).click();
    await page.locator('.bubble').getByText('Alpha again').waitFor();
    expect(await first.count()).to.equal(0);
  });

  it('does not take the focus from where it has gone meanwhile', async () => {
    await asks('Gamma');
    const { page, isHeld, release } = await openSlowTab(ada, 'message:edit');
    const editor = await edit(page);
    await editor.fill('Gamma again');
    await editor.press('Enter');
    await isHeld();
    const search = page.getByRole('textbox', { name: 'Search conversations' });
    await search.focus();
    await release();
    await editor.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.id)).to.equal('search');
  });

  it('keeps each letter that was typed while a new conversation was made', async () => {
    const { page, isHeld, release } = await openSlowTab(ada, 'message:send');
    const box = page.getByRole('textbox', { name: 'Message' });
    await box.fill('Delta');
    await box.press('Enter');
    await isHeld();
    await box.pressSequentially('And no');
    await release('w');
    await page.waitForURL(/#\/c\/\d+/);
    await page.getByRole('heading', { name: 'Delta' }).waitFor();
    expect(await box.inputValue()).to.equal('And now');
    const drafts = await page.evaluate(() =>
      Object.entries(localStorage).filter(([key]) => key.includes(':draft:')),
    );
    expect(drafts.map(([, text]) => text)).to.deep.equal(['And now']);
    expect(drafts.map(([key]) => key).join()).to.not.include('new');
  });

  it('shows the model of another conversation meanwhile', async () => {
    await asks('Epsilon');
    await asks('Zeta');
    const { page, isHeld, release } = await openSlowTab(ada, 'conversation:update');
    const picker = page.getByRole('combobox', { name: 'Model', exact: true });
    await goTo(page, 'Epsilon');
    await picker.selectOption('other-model');
    await isHeld();
    await goTo(page, 'Zeta');
    expect(await picker.inputValue()).to.equal('');
    await goTo(page, 'Epsilon');
    expect(await picker.inputValue()).to.equal('other-model');
    await release();
    expect(await picker.inputValue()).to.equal('other-model');
  });
});
