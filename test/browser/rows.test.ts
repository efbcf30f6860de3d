import { expect } from 'chai';
import type { Browser, Locator, Page } from 'playwright-core';
import { eventually } from '../../lab/eventually.js';
import { answer, echo, status } from '../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, Person } from './person.js';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
/** More than a page of the list, and more than the page holds at once. */
const MANY = 400;

describe('the rows of the list', () => {
  let app: TestApp;
  /** Runs one answer of a user at a time. */
  let narrow: TestApp;
  let browser: Browser;
  let ada: Person;
  let serial = 0;

  before(async () => {
    [app, narrow, browser] = await Promise.all([
      startApp(FOR_BROWSERS),
      startApp({ LIMIT_SCALE: '0.2' }),
      launchBrowser(),
    ]);
    narrow.upstream.otherwise(echo());
  });
  after(async () => {
    await browser?.close();
    await Promise.all([app?.stop(), narrow?.stop()]);
  });
  beforeEach(() => app.upstream.otherwise(echo()));
  afterEach(function () {
    return ada?.leave(this.currentTest);
  });

  const arrive = async (options: object = {}, at = app) => {
    serial += 1;
    ada = await Person.member(browser, at.url, `rower${serial}`, options);
  };
  const row = (page: Page, name: string | RegExp) =>
    page.locator('.sidebar').getByRole('link', { name, exact: true });
  const menuOf = (title: string) =>
    ada.page.getByRole('button', { name: `Actions for “${title}”`, exact: true });
  const item = (name: string) => ada.page.getByRole('menuitem', { name, exact: true });
  const isFocused = (place: Locator) => place.and(ada.page.locator(':focus')).waitFor();
  const asks = async (text: string) => {
    await ada.page.keyboard.press('Control+Shift+O');
    await ada.page.getByRole('heading', { name: `Hello, ${ada.name}.` }).waitFor();
    await ada.say(text);
    await ada.sees(`echo: ${text}`);
    await ada.answerEnds();
    await row(ada.page, text).waitFor();
  };

  it('have a menu with all that can be done, by keyboard too, and keep the focus', async () => {
    await arrive();
    for (const text of ['Alpha', 'Beta', 'Gamma']) await asks(text);
    await row(ada.page, 'Gamma').focus();
    await ada.page.keyboard.press('ArrowDown');
    await isFocused(row(ada.page, 'Beta'));
    await ada.page.keyboard.press('Tab');
    await isFocused(menuOf('Beta'));
    await ada.page.keyboard.press('Enter');
    expect(await ada.page.getByRole('menuitem').allTextContents()).to.deep.equal([
      ...['Rename', 'Model and settings', 'Pin', 'Archive'],
      ...['Print', 'Export as Markdown', 'Export as JSON', 'Delete'],
    ]);
    await ada.page.keyboard.press('Enter');
    const title = ada.page.getByRole('textbox', { name: 'Title of the conversation' });
    await isFocused(title);
    await title.fill('Beta two');
    await title.press('Enter');
    await row(ada.page, 'Beta two').waitFor();
    await isFocused(menuOf('Beta two'));
    await row(ada.page, 'Beta two').press('F2');
    await isFocused(title);
    await title.press('Escape');
    await row(ada.page, 'Beta two').waitFor();

    await row(ada.page, 'Beta two').click({ button: 'right' });
    await item('Pin').click();
    const pinned = ada.page.getByRole('region', { name: 'Pinned', exact: true });
    await pinned.getByRole('link', { name: 'Beta two' }).waitFor();
    await menuOf('Gamma').press('Enter');
    const saved = ada.page.waitForEvent('download');
    await item('Export as Markdown').press('Enter');
    expect((await saved).suggestedFilename()).to.match(/\.md$/);

    await menuOf('Alpha').press('Enter');
    await item('Delete').press('Enter');
    await row(ada.page, 'Alpha').waitFor({ state: 'detached' });
    await isFocused(row(ada.page, 'Gamma'));
    await ada.page.getByRole('heading', { name: 'Gamma' }).waitFor();
    await ada.page.keyboard.press('Control+z');
    await ada.page.getByRole('heading', { name: 'Alpha' }).waitFor();
    await menuOf('Beta two').press('Enter');
    await item('Archive').press('Enter');
    await row(ada.page, 'Beta two').waitFor({ state: 'detached' });
    await isFocused(row(ada.page, 'Gamma'));
    await menuOf('Alpha').press('Enter');
    await item('Delete').press('Enter');
    await ada.page.getByRole('heading', { name: `Hello, ${ada.name}.` }).waitFor();
    await isFocused(ada.composer);
    expect(ada.complaints).to.deep.equal([]);
  });

  it('have the same menu under a finger, in targets that it can hit', async () => {
    await arrive(PHONE);
    await ada.composer.fill('Harbour');
    await ada.page.getByRole('button', { name: 'Send' }).tap();
    await ada.answerEnds();
    await ada.page.getByRole('button', { name: 'Open conversations' }).tap();
    const box = await menuOf('Harbour').boundingBox();
    expect(Math.round(Math.min(box?.width ?? 0, box?.height ?? 0))).to.be.at.least(44);
    await menuOf('Harbour').tap();
    await item('Rename').waitFor();
    const heights = await ada.page
      .getByRole('menuitem')
      .evaluateAll((all) => all.map((element) => element.getBoundingClientRect().height));
    expect(Math.min(...heights)).to.be.at.least(44);
    await item('Rename').tap();
    const title = ada.page.getByRole('textbox', { name: 'Title of the conversation' });
    await title.fill('Quay');
    await title.press('Enter');
    await row(ada.page, 'Quay').waitFor();
    expect(await ada.page.evaluate(() => document.documentElement.scrollWidth)).to.equal(390);
    expect(ada.complaints).to.deep.equal([]);
  });

  it('tell on every device what answers, waits, failed and is new, in words and shapes', async () => {
    await arrive({}, narrow);
    for (const text of ['Alpha', 'Beta', 'Gamma']) await asks(text);
    const laptop = await ada.openTab('/');
    await row(laptop, 'Alpha').waitFor();
    const held = narrow.upstream.next();
    await row(ada.page, 'Alpha').click();
    await ada.page.getByRole('heading', { name: 'Alpha' }).waitFor();
    await ada.say('more');
    await held.opened;
    await row(laptop, 'Alpha Answering').waitFor();
    await row(ada.page, 'Alpha Answering').waitFor();
    await row(ada.page, 'Beta').click();
    await ada.page.getByRole('heading', { name: 'Beta' }).waitFor();
    narrow.upstream.script(status(400));
    await ada.say('more');
    await row(laptop, 'Beta Waiting for its turn').waitFor();
    await row(ada.page, 'Gamma').click();
    await ada.page.getByRole('heading', { name: 'Gamma' }).waitFor();
    held.write('At last');
    held.finish();
    for (const page of [ada.page, laptop]) {
      await row(page, 'Alpha 1 new message').waitFor();
      await row(page, 'Beta The answer failed').waitFor();
    }
    expect(await row(laptop, /^Beta/).locator('svg').count()).to.equal(1);
    await row(ada.page, 'Beta The answer failed').click();
    for (const page of [ada.page, laptop]) await row(page, 'Beta').waitFor();
    await laptop.close();
    expect(ada.complaints).to.deep.equal([]);
  });

  it('say that a message of this device waits for the connection', async () => {
    await arrive();
    await asks('Alpha');
    await asks('Beta');
    await ada.context.setOffline(true);
    await row(ada.page, 'Alpha').click();
    await ada.page.getByRole('heading', { name: 'Alpha' }).waitFor();
    await ada.say('later');
    await row(ada.page, 'Alpha Waiting for its turn').waitFor();
    await ada.context.setOffline(false);
    await ada.sees('echo: later');
    await row(ada.page, 'Alpha').waitFor();
  });

  it('go on without end, while the page holds only those near the part in view', async () => {
    await arrive();
    await asks('Now');
    const [{ id: userId = 0 } = {}] = await app.rows<{ id: number }>(
      'SELECT id FROM users WHERE username = $1',
      [ada.name],
    );
    const made = await app.rows<{ id: number }>(
      `WITH made AS (
         INSERT INTO conversations (title, last_message_at)
         SELECT 'Old ' || n, now() - interval '30 days' - n * interval '1 minute' FROM generate_series(1, ${MANY}) n
         RETURNING id)
       INSERT INTO conversation_members (conversation_id, user_id, role) SELECT id, $1, 'owner' FROM made
       RETURNING conversation_id AS id`,
      [userId],
    );
    await ada.page.reload();
    await row(ada.page, 'Old 1').waitFor();
    const list = ada.page.locator('.conversations');
    const rows = list.locator('.row');
    const most: number[] = [];
    const toEnd = () => list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await eventually(
      async () => {
        await toEnd();
        most.push(await rows.count());
        return row(ada.page, `Old ${MANY}`).count();
      },
      (count) => count === 1,
    );
    await row(ada.page, `Old ${MANY}`).waitFor();
    expect(Math.max(...most)).to.be.below(200);
    await eventually(
      async () => {
        await list.evaluate((element) => element.scrollTo(0, 0));
        return row(ada.page, 'Old 1').count();
      },
      (count) => count === 1,
    );
    expect(await rows.count()).to.be.below(200);

    // A conversation far down is shown as open, and its row is in its place once the list is read down to there.
    const deep = made[MANY - 1]?.id ?? 0;
    await ada.page.goto(`/#/c/${deep}`);
    await ada.page.reload();
    const open = ada.page.getByRole('region', { name: 'Open now' });
    await open.getByRole('link', { name: `Old ${MANY}`, exact: true }).waitFor();
    const inView = () =>
      list.evaluate((element) => {
        const view = element.getBoundingClientRect();
        const box = element.querySelector('[aria-current]')?.getBoundingClientRect();
        return box !== undefined && box.top >= view.top && box.bottom <= view.bottom;
      });
    expect(await inView()).to.equal(true);
    app.upstream.script(answer(['Moved up']));
    await list.evaluate((element) => element.scrollTo(0, 900));
    await ada.say('Hello again');
    await ada.sees('Moved up');
    await open.waitFor({ state: 'detached' });
    await eventually(inView, (isInView) => isInView);
    expect(ada.complaints).to.deep.equal([]);
  });
});
