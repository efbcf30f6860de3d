import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { type Account, FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, PASSWORD, Person } from './person.js';

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0';
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const NEXT = 'Quite another 42!';

describe('the account dialog', () => {
  let app: TestApp;
  let browser: Browser;
  let ada: Person;
  let serial = 0;

  before(async () => {
    const env = { ...FOR_BROWSERS, TRUST_PROXY: '1' };
    [app, browser] = await Promise.all([startApp(env), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });
  afterEach(function () {
    return ada.leave(this.currentTest);
  });

  const arrive = async (options: object = {}) => {
    serial += 1;
    ada = await Person.member(browser, app.url, `ada${serial}`, options);
  };
  const dialog = () => ada.page.getByRole('dialog', { name: 'Account' });
  const button = (name: string) => dialog().getByRole('button', { name, exact: true });
  const open = async () => {
    await ada.page.getByRole('button', { name: `${ada.name}, Account` }).click();
    await dialog().waitFor();
  };
  const devices = () => dialog().locator('.device-name');
  const logIn = async (userAgent: string, password = PASSWORD) => {
    const answer = await app.call<{ access_token?: string }>('/auth/login', {
      body: { email: `${ada.name}@example.com`, password },
      headers: { 'user-agent': userAgent, 'x-forwarded-for': '203.0.113.7' },
    });
    return answer.body.access_token ?? '';
  };
  const stands = async (token: string) => (await app.call('/users/me', { token })).status === 200;
  const asAccount = (token: string): Account => ({
    ...{ id: 0, email: '', username: '', password: '', refreshToken: '' },
    token,
  });

  it('tells what is wrong with a new password in the words of the form, in the colour of a problem', async () => {
    await arrive();
    await open();
    await button('Change password').click();
    await dialog().getByLabel('Current password', { exact: true }).fill(PASSWORD);
    await dialog().getByLabel('New password', { exact: true }).fill('Password123');
    await button('Change password').click();
    const problem = dialog().getByRole('alert').locator('.form-problem');
    await problem.waitFor();
    expect(await problem.innerText()).to.equal(
      'New password is among the most common passwords; please choose another.',
    );
    const [shown, meant] = await problem.evaluate((element) => {
      const probe = document.createElement('i');
      probe.style.color = 'var(--danger)';
      element.append(probe);
      return [element, probe].map((one) => getComputedStyle(one).color);
    });
    expect(shown).to.equal(meant);
  });

  it('lists devices, and logs out one or all others at once', async () => {
    await arrive();
    const [firefox, phone] = [await logIn(FIREFOX), await logIn('ParleyApp/2 (iPhone)')];
    const other = await app.device(asAccount(phone));
    await open();
    await devices().nth(2).waitFor();
    expect(await devices().allTextContents()).to.deep.equal([
      'Chrome on LinuxThis device',
      'ParleyApp on iPhone',
      'Firefox on Windows',
    ]);
    await dialog().getByText('203.0.113.7').first().waitFor();
    await button('Log out ParleyApp on iPhone').click();
    expect(await other.until('session:ended')).to.deep.equal({ code: 'session_revoked' });
    await dialog().getByRole('status').getByText('ParleyApp on iPhone is logged out.').waitFor();
    expect(await stands(firefox)).to.equal(true);
    await button('Log out all other devices').click();
    await dialog().getByText('All other devices are logged out.').waitFor();
    expect(await devices().count()).to.equal(1);
    expect(await stands(firefox)).to.equal(false);
    await button('Close').click();
    await ada.say('Still here');
    await ada.answerEnds();
    expect(ada.complaints).to.deep.equal([]);
  });

  it('changes the password of who knows it, and this device stays', async () => {
    await arrive();
    const other = await logIn(FIREFOX);
    await open();
    await button('Change password').click();
    const fill = async (current: string) => {
      await dialog().getByLabel('Current password', { exact: true }).fill(current);
      await dialog().getByLabel('New password', { exact: true }).fill(NEXT);
      await ada.page.keyboard.press('Enter');
    };
    await fill('not this one');
    await dialog().getByRole('alert').getByText('not your current password').waitFor();
    expect(await stands(other)).to.equal(true);
    await fill(PASSWORD);
    await dialog().getByRole('status').getByText('Your password is changed.').waitFor();
    expect(await dialog().getByLabel('New password').count()).to.equal(0);
    expect(await devices().count()).to.equal(1);
    expect(await stands(other)).to.equal(false);
    expect(await logIn(FIREFOX)).to.equal('');
    expect(await stands(await logIn(FIREFOX, NEXT))).to.equal(true);
    await button('Close').click();
    await ada.say('Still here');
    await ada.answerEnds();
  });

  it('gives all that is kept as a file', async () => {
    await arrive();
    await ada.say('Remember this');
    await ada.answerEnds();
    await open();
    const link = dialog().getByRole('link', { name: 'Download' });
    const [download] = await Promise.all([ada.page.waitForEvent('download'), link.click()]);
    expect(download.suggestedFilename()).to.match(/\.json$/);
    const kept = JSON.parse(await readFile(await download.path(), 'utf8'));
    expect(kept.account).to.include({ username: ada.name });
    expect(JSON.stringify(kept.conversations)).to.include('Remember this');
    expect(ada.complaints).to.deep.equal([]);
  });

  it('deletes the account once its name is typed, and leaves nothing behind', async () => {
    await arrive();
    await ada.composer.fill('a draft');
    await open();
    await button('Delete account').click();
    const confirm = button('Delete permanently');
    expect(await confirm.isDisabled()).to.equal(true);
    const name = dialog().getByLabel(`To confirm, type your name: ${ada.name}`);
    await name.fill(ada.name.slice(1));
    expect(await confirm.isDisabled()).to.equal(true);
    await name.fill(ada.name);
    await confirm.click();
    await ada.page.getByRole('heading', { name: 'Welcome back' }).waitFor();
    expect(await ada.page.locator('.form-problem').count()).to.equal(0);
    expect(await logIn(FIREFOX)).to.equal('');
    const kept = await ada.page.evaluate(() => Object.keys(localStorage));
    expect(kept.filter((key) => /unsent|user/.test(key))).to.deep.equal([]);
    expect(await ada.context.cookies()).to.deep.equal([]);
  });

  it('shows what was used of a quota, and no bar where there is none', async () => {
    await arrive();
    await open();
    await dialog().getByRole('heading', { name: 'Usage' }).waitFor();
    expect(await dialog().getByRole('meter').count()).to.equal(0);
    await app.rows(`UPDATE roles SET tokens_per_day = 2000 WHERE name = 'user'`);
    await ada.page.keyboard.press('Escape');
    await open();
    const meter = dialog().getByRole('meter', { name: 'Today' });
    await meter.waitFor();
    expect(await meter.getAttribute('aria-valuetext')).to.equal('0 of 2,000 tokens');
    await app.rows(`UPDATE roles SET tokens_per_day = NULL WHERE name = 'user'`);
  });

  it('shows what running answers reserve, the usage of each day, and that of each model', async () => {
    await arrive();
    const user = `(SELECT id FROM users WHERE username = '${ada.name}')`;
    const day = `(now() AT TIME ZONE 'UTC')::date`;
    await app.rows(
      `INSERT INTO usage_days (user_id, day, tokens) VALUES (${user}, ${day}, 1500), (${user}, ${day} - 3, 700)`,
    );
    await app.rows(
      `INSERT INTO usage_models (user_id, model, currency, tokens, cost)
       VALUES (${user}, 'big', 'EUR', 1200, 0.25), (${user}, 'local', '', 300, 0)`,
    );
    const held = app.upstream.next();
    await ada.say('Take your time');
    await held.opened;
    await open();
    // In the first days of a month, the month has as many.
    const today = dialog().locator('.usage-row', { hasText: 'Today' });
    await today.getByText('1,500 tokens · 1,000 reserved by running answers · 0.25').waitFor();
    const chart = dialog().getByRole('img', { name: 'Tokens per day, last 31 days' });
    expect(await chart.locator('.usage-day:not([height="0"])').count()).to.equal(2);
    expect(await chart.locator('g').last().locator('title').textContent()).to.match(
      /1,500 tokens · 0.25$/,
    );
    await dialog().getByText('Show as a table').click();
    const rows = dialog().getByRole('table').first().getByRole('row');
    await rows.nth(1).getByRole('cell', { name: '1,500', exact: true }).waitFor();
    expect(await rows.count()).to.equal(3);
    const models = dialog().getByRole('table').last().getByRole('row');
    expect(await models.allInnerTexts()).to.satisfy(
      ([, big = '', local = '']: string[]) =>
        /^big\s+1,200\s+0\.25$/.test(big) && /^local\s+300\s+–$/.test(local),
    );
    held.finish();
    expect(ada.complaints).to.deep.equal([]);
  });

  it('says so where the devices cannot be read or logged out', async () => {
    await arrive();
    await logIn(FIREFOX);
    await ada.page.route('**/users/me/sessions/*', (route) => route.abort());
    await open();
    await button('Log out Firefox on Windows').click();
    const away = dialog().getByRole('alert').getByText('The server cannot be reached right now.');
    await away.waitFor();
    expect(await devices().count()).to.equal(2);
    await button('Close').click();
    await ada.page.route('**/users/me/sessions', (route) => route.abort());
    await open();
    await away.waitFor();
  });

  it('can be used with the keyboard alone, and gives the focus back', async () => {
    await arrive();
    await logIn(FIREFOX);
    const opener = ada.page.getByRole('button', { name: `${ada.name}, Account` });
    await opener.focus();
    await ada.page.keyboard.press('Enter');
    await devices().nth(1).waitFor();
    expect(await dialog().evaluate((element) => element.matches(':modal'))).to.equal(true);
    const focused = () => ada.page.evaluate(() => document.activeElement?.textContent ?? '');
    const order = ['Log out', 'Log out all other devices', 'API reference', 'Create key'];
    for (const text of [...order, 'Add webhook', 'Change password']) {
      await ada.page.keyboard.press('Tab');
      if ((await focused()) === '') await ada.page.keyboard.press('Tab');
      expect(await focused()).to.equal(text);
    }
    await ada.page.keyboard.press('Enter');
    await ada.page.waitForFunction(
      () => document.activeElement?.getAttribute('name') === 'current_password',
    );
    await ada.page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    expect(await opener.evaluate((element) => element === document.activeElement)).to.equal(true);
  });

  it('fills the screen of a phone, in Chinese too, and is no wider', async () => {
    await arrive(PHONE);
    await ada.page.getByRole('button', { name: 'Open conversations' }).tap();
    await ada.chooses('中文');
    await ada.page.getByRole('button', { name: `${ada.name}, 账号` }).tap();
    const sheet = ada.page.getByRole('dialog', { name: '账号' });
    await sheet.getByText('当前设备').waitFor();
    const box = await sheet.boundingBox();
    expect(box).to.deep.equal({ x: 0, y: 0, width: 390, height: 844 });
    expect(await ada.page.evaluate(() => document.documentElement.scrollWidth)).to.equal(390);
    await sheet.getByRole('button', { name: '关闭', exact: true }).tap();
    await sheet.waitFor({ state: 'detached' });
    expect(ada.complaints).to.deep.equal([]);
  });
});
