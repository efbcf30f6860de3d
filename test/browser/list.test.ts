import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { answer, echo } from '../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, PASSWORD, Person } from './person.js';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe('the list of conversations on the page', function () {
  this.timeout(60_000);
  let app: TestApp;
  let browser: Browser;
  let ada: Person;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
    ada = await Person.member(browser, app.url, 'lister');
  });
  after(async () => {
    await ada?.leave();
    await browser?.close();
    await app?.stop();
  });
  beforeEach(() => app.upstream.otherwise(echo()));

  const group = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
  const row = (page: Page, name: string) => page.getByRole('link', { name, exact: true });
  const asks = async (text: string) => {
    await row(ada.page, 'New chat').click();
    await ada.say(text);
    await ada.sees(`echo: ${text}`);
    await ada.answerEnds();
    await row(ada.page, text).waitFor();
  };

  it('pins and archives by keyboard, shows it in other tabs, and takes it back', async () => {
    await asks('Alpha');
    await asks('Beta');
    const tab = await ada.secondTab();
    await row(ada.page, 'Alpha').click();
    await ada.page.getByRole('heading', { name: 'Alpha' }).waitFor();
    await ada.sees('echo: Alpha');
    const more = ada.page.getByRole('button', { name: 'More' });
    const focused = (name: string) =>
      ada.page.locator('[role=menuitem]:focus').getByText(name, { exact: true }).waitFor();
    await more.focus();
    await ada.page.keyboard.press('Enter');
    await ada.page.getByRole('menuitem', { name: 'Pin' }).waitFor();
    await ada.page.keyboard.press('Escape');
    await ada.page.getByRole('menu').waitFor({ state: 'detached' });
    await ada.page.keyboard.press('Enter');
    await focused('Pin');
    await ada.page.keyboard.press('ArrowDown');
    await focused('Archive');
    await ada.page.keyboard.press('ArrowUp');
    await focused('Pin');
    await ada.page.keyboard.press('Enter');
    await group(ada.page, 'Pinned').getByRole('link', { name: 'Alpha' }).waitFor();
    await group(tab, 'Pinned').getByRole('link', { name: 'Alpha' }).waitFor();
    expect(await row(tab, 'Alpha').count()).to.equal(1);

    await more.click();
    await ada.page.getByRole('menuitem', { name: 'Archive' }).click();
    for (const page of [ada.page, tab]) await row(page, 'Alpha').waitFor({ state: 'detached' });
    await ada.page.getByRole('button', { name: 'Archived conversations' }).click();
    await ada.page.getByRole('heading', { name: 'Archived' }).waitFor();
    await row(ada.page, 'Alpha').waitFor();
    expect(await row(ada.page, 'Beta').count()).to.equal(0);
    await ada.page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
    await ada.page.getByText('Nothing is archived.').waitFor();
    await ada.page.getByRole('button', { name: 'Back to all conversations' }).click();
    await group(ada.page, 'Pinned').getByRole('link', { name: 'Alpha' }).waitFor();
    await tab.close();
    expect(ada.complaints).to.deep.equal([]);
  });

  it('marks what came while another conversation was shown, until it is seen', async () => {
    await asks('Gamma');
    const held = app.upstream.next();
    await ada.say('more');
    await held.opened;
    await row(ada.page, 'Alpha').click();
    await ada.sees('echo: Alpha');
    held.write('Late news');
    held.finish();
    const gamma = ada.page.getByRole('link', { name: /^Gamma/ });
    await gamma.getByText('1 new message').waitFor({ state: 'attached' });
    await gamma.click();
    await ada.sees('Late news');
    await row(ada.page, 'Alpha').click();
    await row(ada.page, 'Gamma').waitFor();
    const [conversation] = await app.rows<{ unread: string }>(
      `SELECT count(*) AS unread FROM messages m JOIN conversation_members cm USING (conversation_id)
       WHERE m.id > cm.read_message_id`,
    );
    expect(conversation?.unread).to.equal('0');
  });

  it('searches while typing, marks the words, and goes to the message by keyboard', async () => {
    await asks('Delta');
    const [{ id = 0 } = {}] = await app.rows<{ id: number }>(
      `SELECT id FROM conversations WHERE title = 'Delta'`,
    );
    // A long branch below, so that the message is pages above its end.
    await app.rows(
      `WITH RECURSIVE leaf AS (SELECT max(id) AS id FROM messages WHERE conversation_id = $1), made AS (
         INSERT INTO messages (id, conversation_id, parent_id, role, content)
         SELECT leaf.id + n, $1, leaf.id + n - 1, 'assistant', 'filler ' || n FROM leaf, generate_series(1, 120) n
         RETURNING id)
       UPDATE conversations SET active_message_id = (SELECT max(id) FROM made) WHERE id = $1`,
      [id],
    );
    await app.rows(
      `SELECT setval(pg_get_serial_sequence('messages', 'id'), (SELECT max(id) FROM messages))`,
    );
    await row(ada.page, 'Alpha').click();
    await ada.page.reload();
    await row(ada.page, 'Alpha').waitFor();
    await ada.page.getByRole('textbox', { name: 'Search conversations' }).fill('DELTA echo');
    const results = ada.page.getByRole('region', { name: 'Search results' });
    const result = results.getByRole('link', { name: /echo: Delta/ });
    await result.waitFor();
    expect(await result.locator('mark').allTextContents()).to.deep.equal(['echo', 'Delta']);
    await ada.page.keyboard.press('ArrowDown');
    await ada.page.keyboard.press('Enter');
    const message = ada.page.locator('.message:focus');
    await message.getByText('echo: Delta').waitFor();
    expect(await message.evaluate((element) => element.getBoundingClientRect().top)).to.be.within(
      0,
      800,
    );
    await ada.page.getByText('filler 1', { exact: true }).waitFor();
    await ada.page.getByRole('button', { name: 'Clear search' }).click();
    await row(ada.page, 'Delta').waitFor();
    expect(ada.complaints).to.deep.equal([]);
  });

  it('shows a message of another version that a search found, and goes back', async () => {
    await asks('Epsilon');
    app.upstream.script(answer(['Another one']));
    await ada.answers.last().hover();
    await ada.answers.last().getByRole('button', { name: 'Answer again', exact: true }).click();
    await ada.sees('Another one');
    await ada.answerEnds();
    await ada.page.getByRole('textbox', { name: 'Search conversations' }).fill('epsilon echo');
    await ada.page.getByRole('link', { name: /echo: Epsilon/ }).click();
    await ada.sees('echo: Epsilon');
    await ada.page.getByRole('button', { name: 'Back to the current version' }).click();
    await ada.sees('Another one');
    expect(await ada.page.getByRole('button', { name: 'Jump to the latest' }).count()).to.equal(0);
    await ada.page.reload();
    await ada.page.getByText('This message belongs to an earlier version').waitFor();
    await ada.say('Zeta');
    await ada.sees('echo: Zeta');
    await ada.answerEnds();
    await ada.answers.first().getByText('echo: Epsilon').waitFor();
    await ada.answers.first().getByRole('button', { name: 'Next version' }).click();
    await ada.sees('Another one');
    await ada.page.getByRole('textbox', { name: 'Search conversations' }).fill('zeta echo');
    await ada.page.getByRole('link', { name: /echo: Zeta/ }).click();
    await ada.page.getByRole('button', { name: 'Continue with this version' }).click();
    await ada.page.getByText('This message belongs').waitFor({ state: 'detached' });
    await ada.page.reload();
    await ada.sees('echo: Zeta');
    await ada.page
      .getByRole('textbox', { name: 'Search conversations' })
      .fill('nowhere to be found');
    await ada.page.getByText('Nothing found for “nowhere to be found”.').waitFor();
    await ada.page.keyboard.press('Escape');
    await row(ada.page, 'Epsilon').waitFor();
    expect(ada.complaints).to.deep.equal([]);
  });

  it('speaks Chinese, also on a phone', async () => {
    const bob = await Person.arrive(browser, app.url, 'lister2', { ...PHONE, locale: 'zh-CN' });
    await bob.page.getByRole('button', { name: '注册' }).first().click();
    await bob.page.getByLabel('邮箱').fill('lister2@example.com');
    await bob.page.getByLabel('名称').fill('lister2');
    await bob.page.getByLabel('密码', { exact: true }).fill(PASSWORD);
    await bob.page.getByRole('button', { name: '注册' }).last().click();
    app.upstream.script(answer(['你好']));
    const composer = bob.page.getByRole('textbox', { name: '消息' });
    await composer.fill('彩虹');
    await bob.page.getByRole('button', { name: '发送' }).tap();
    await bob.sees('你好');
    await bob.answerEnds();
    await bob.page.getByRole('button', { name: '更多' }).tap();
    await bob.page.getByRole('menuitem', { name: '置顶' }).tap();
    expect(await bob.page.evaluate(() => document.documentElement.scrollWidth)).to.equal(390);
    await bob.page.getByRole('button', { name: '打开对话列表' }).tap();
    await group(bob.page, '置顶').getByRole('link', { name: '彩虹' }).waitFor();
    await bob.page.getByRole('button', { name: '已归档的对话' }).tap();
    await bob.page.getByText('没有已归档的对话。').waitFor();
    await bob.page.getByRole('textbox', { name: '搜索对话' }).fill('虹');
    await bob.page.getByRole('region', { name: '搜索结果' }).getByText('你：彩虹').tap();
    await bob.page.locator('.message-user:focus').getByText('彩虹').waitFor();
    expect(await bob.page.evaluate(() => document.documentElement.scrollWidth)).to.equal(390);
    expect(bob.complaints).to.deep.equal([]);
    await bob.leave();
  });
});
