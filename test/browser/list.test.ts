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
    ada = await Person.arrive(browser, app.url, 'lister');
    await ada.register();
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
    const more = ada.page.getByRole('button', { name: 'More' });
    await more.focus();
    await ada.page.keyboard.press('Enter');
    await ada.page.getByRole('menuitem', { name: 'Pin' }).waitFor();
    await ada.page.keyboard.press('Escape');
    await ada.page.getByRole('menu').waitFor({ state: 'detached' });
    await ada.page.keyboard.press('Enter');
    await ada.page.keyboard.press('ArrowDown');
    await ada.page.keyboard.press('ArrowDown');
    await ada.page.keyboard.press('Enter');
    await row(group(ada.page, 'Pinned').page(), 'Alpha').waitFor();
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
    expect(bob.complaints).to.deep.equal([]);
    await bob.leave();
  });
});
