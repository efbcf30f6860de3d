import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { eventually } from '../../lab/eventually.js';
import { answer, status } from '../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { makeAdmin } from '../../lab/people/roles.js';
import { launchBrowser, PASSWORD, Person } from './person.js';
import { wear } from './states/looks.js';

const HAN = /\p{Script=Han}/u;
const WORDS = /[a-z]{3}/i;

describe('what the page has said, when its language is changed', () => {
  let app: TestApp;
  let browser: Browser;
  let ada: Person;

  before(async () => {
    [app, browser] = await Promise.all([
      startApp({ ...FOR_BROWSERS, PROVIDER_MAX_RETRIES: '0' }),
      launchBrowser(),
    ]);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });
  afterEach(function () {
    return ada.leave(this.currentTest);
  });

  const arrive = async (name: string) => {
    ada = await Person.arrive(browser, app.url, name);
  };
  const join = async (name: string) => {
    ada = await Person.member(browser, app.url, name);
  };
  const speak = (language: 'en' | 'zh-CN') => wear(ada.page, { language, theme: 'light' });
  const alert = () => ada.page.getByRole('alert').filter({ hasText: /./ });
  const sees = (text: string) => ada.page.getByText(text, { exact: true }).waitFor();
  const button = (name: string) => ada.page.getByRole('button', { name, exact: true });
  const account = async () => {
    await button(`${ada.name}, Account`).click();
    await ada.page.getByRole('dialog', { name: 'Account' }).waitFor();
  };

  it('comes when it is chosen again, if its texts did not come the first time', async () => {
    await arrive('patient');
    const { page } = ada;
    await page.route(/\/chunks\/zh-/, (route) => route.abort());
    const choose = () => page.getByRole('button', { name: '中文' }).click();
    await choose();
    // The page has noticed by then, and told the console why.
    await eventually(
      () => ada.complaints,
      (all) => all.some((text) => text.includes('dynamically imported module')),
    );
    await page.unroute(/\/chunks\/zh-/);
    await choose();
    await page.getByRole('heading', { name: '欢迎回来' }).waitFor();
  });

  it('is said again at the login: codes, findings about fields, and reasons', async () => {
    await arrive('guest');
    const { page } = ada;
    await page.getByLabel('Email').fill('guest@example.com');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await button('Log in').click();
    await sees('The email address and the password do not match.');
    await speak('zh-CN');
    await sees('邮箱或密码不正确。');
    await speak('en');
    await sees('The email address and the password do not match.');
    await button('Create account').click();
    await page.getByLabel('Name').fill('guest');
    await page.getByLabel('Password', { exact: true }).fill('password');
    await button('Create account').click();
    await alert().getByText('Password is among the most common passwords').waitFor();
    await speak('zh-CN');
    await alert().getByText('密码 属于最常见的密码，请换一个。').waitFor();
    expect(await alert().textContent()).to.not.match(WORDS);
    await speak('en');
    await page.getByLabel('Password', { exact: true }).fill('short');
    // The browser would not send it.
    await page.locator('form').evaluate((form) => {
      (form as HTMLFormElement).noValidate = true;
    });
    await button('Create account').click();
    await alert().getByText('Password must have at least 8 bytes.').waitFor();
    await speak('zh-CN');
    await alert().getByText('密码 至少需要 8 个字节。').waitFor();
    await page.goto('/#/invitation/none');
    await page.reload();
    await alert().getByText('此邀请不存在或已被撤回').waitFor();
    await speak('en');
    await alert().getByText('This invitation does not exist').waitFor();
    expect(await alert().textContent()).to.not.match(HAN);
  });

  it('is said again in notices, with what they offer', async () => {
    await join('noticed');
    await ada.say('First');
    await ada.answerEnds();
    await ada.page.getByRole('button', { name: 'More', exact: true }).click();
    await ada.page.getByRole('menuitem', { name: 'Archive' }).click();
    const notices = ada.page.locator('.notices');
    await notices.getByRole('button', { name: 'Undo' }).waitFor();
    await speak('zh-CN');
    await notices.getByText('已归档。').waitFor();
    expect(await notices.textContent()).to.not.match(WORDS);
    await notices.getByRole('button', { name: '撤销' }).click();
    await notices.getByText('已归档。').waitFor({ state: 'detached' });
    expect(ada.complaints).to.deep.equal([]);
  });

  it('is said again in forms of the account, by the server and by the page', async () => {
    await join('holder');
    await account();
    const { page } = ada;
    await button('Change password').click();
    await page.getByLabel('Current password', { exact: true }).fill('wrong');
    await page.getByLabel('New password', { exact: true }).fill('Quite another 42!');
    await button('Change password').click();
    await sees('That is not your current password.');
    await speak('zh-CN');
    await sees('当前密码不正确。');
    await speak('en');
    await button('Cancel').click();
    await button('Create key').click();
    await page.getByLabel('Name', { exact: true }).fill('Bot');
    await page.getByRole('checkbox', { name: /^ask/ }).uncheck();
    await button('Create key').click();
    await sees('Please choose what the program may do.');
    await speak('zh-CN');
    await sees('请选择程序可以做什么。');
  });

  it('is said again in administration, where a model was tested and a role was made', async () => {
    await makeAdmin(app, await app.register('root'));
    await arrive('root');
    const { page } = ada;
    await page.getByLabel('Email').fill('root@example.com');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await button('Log in').click();
    await page.getByRole('link', { name: 'Administration', exact: true }).click();
    app.upstream.script(status(401));
    await button('Test').click();
    await page.getByText('The model server refused the API key.').waitFor();
    await speak('zh-CN');
    await page.getByText('模型服务拒绝了 API 密钥。').waitFor();
    await speak('en');
    await page.getByRole('link', { name: 'Roles', exact: true }).click();
    await button('New role').click();
    await page.getByLabel('Name', { exact: true }).fill('writers');
    await button('Create role').click();
    await sees('The role writers is created.');
    await speak('zh-CN');
    await sees('角色 writers 已创建。');
  });

  it('is said again to screen readers, apart from the text of the answer', async () => {
    await join('listener');
    const held = app.upstream.next();
    await ada.say('Tell me');
    const region = ada.page.locator('.scroll-frame > [aria-live]');
    await region.getByText('Parley is answering.').waitFor();
    await speak('zh-CN');
    await region.getByText('Parley 正在回答。').waitFor();
    held.write('Well.');
    held.finish();
    await region.getByText('回答已完成。 Well.').waitFor();
    await region.evaluate((element) => {
      const changed: (string | null)[] = [];
      Object.assign(window, { changed });
      new MutationObserver((records) => {
        changed.push(...records.map(({ target }) => target.textContent));
      }).observe(element, { childList: true, characterData: true, subtree: true });
    });
    await speak('en');
    await region.getByText('The answer is complete. Well.').waitFor();
    const changed = await ada.page.evaluate(
      () => (window as unknown as { changed: string[] }).changed,
    );
    expect(changed).to.deep.equal(['The answer is complete.']);
  });

  it('names the parts of answers anew', async () => {
    await join('reader');
    app.upstream.script(
      answer(['Words[^1].\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n[^1]: The note.']),
    );
    await ada.say('Show me');
    await ada.answerEnds();
    const parts = ada.answers.last().locator('.table-scroll, .note-ref, .note-back');
    const names = () =>
      parts.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
    await ada.answers.last().getByRole('button', { name: 'back to the text' }).waitFor();
    expect((await names()).join(' ')).to.not.match(HAN);
    await speak('zh-CN');
    await ada.answers.last().getByRole('button', { name: '返回正文' }).waitFor();
    for (const name of await names()) expect(name).to.match(HAN).and.not.match(WORDS);
  });
});
