import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { echo } from '../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { gpt, simple } from '../support/foreign-files.js';
import { launchBrowser, PASSWORD, Person } from './person.js';

const PHONE = {
  viewport: { width: 360, height: 740 },
  hasTouch: true,
  isMobile: true,
  locale: 'zh-CN',
};
const fileOf = (value: unknown) => ({
  name: 'conversations.json',
  mimeType: 'application/json',
  buffer: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
});

describe('conversations that come and go as files', function () {
  this.timeout(60_000);
  let app: TestApp;
  let browser: Browser;
  let ada: Person;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
    app.upstream.otherwise(echo());
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });
  afterEach(function () {
    return ada.leave(this.currentTest);
  });

  it('are imported in the account dialog, with a report, and stand in the list at once', async () => {
    ada = await Person.member(browser, app.url, 'ada');
    const { page } = ada;
    await page.getByRole('button', { name: 'ada, Account' }).click();
    const dialog = page.getByRole('dialog', { name: 'Account' });
    const part = dialog.getByRole('region', { name: 'Import conversations' });
    const chosen = page.waitForEvent('filechooser');
    await part.getByRole('button', { name: 'Choose file' }).click();
    await (await chosen).setFiles(fileOf([simple('1'), gpt('2', []), simple('3'), simple('3')]));
    await part.getByText('Imported 2 conversations. Already here: 1. Not imported: 1.').waitFor();
    await part.getByText('Details').click();
    await part.getByText('chat 2: no messages').waitFor();
    const input = part.locator('input[type=file]');
    await input.setInputFiles(fileOf('nothing'));
    await part.getByText('The file is damaged or incomplete.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'chat 3' }).click();
    await ada.sees('answer 3');
    expect(ada.complaints).to.deep.equal([]);
  });

  it('are exported from their menu, in both formats', async () => {
    ada = await Person.member(browser, app.url, 'eve');
    await ada.say('Hello there');
    await ada.answerEnds();
    for (const [name, part] of [
      ['Export as Markdown', 'Hello there\n'],
      ['Export as JSON', '"content":"Hello there"'],
    ] as const) {
      const started = ada.page.waitForEvent('download');
      await ada.page.getByRole('button', { name: 'More', exact: true }).click();
      await ada.page.getByRole('menuitem', { name }).click();
      const download = await started;
      expect(download.suggestedFilename()).to.match(/^parley-\d+-Hello-there\.(md|json)$/);
      expect(await readFile(await download.path(), 'utf8')).to.include(part);
    }
  });

  it('fit a phone, in Chinese too', async () => {
    ada = await Person.arrive(browser, app.url, 'max', PHONE);
    const { page } = ada;
    await page.getByRole('button', { name: '注册' }).first().click();
    await page.getByLabel('邮箱').fill('max@example.com');
    await page.locator('input[name=username]').fill('max');
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.locator('button[type=submit]').click();
    await page.locator('textarea').waitFor();
    await page.getByRole('button', { name: '打开对话列表' }).click();
    await page.locator('.account-button').click();
    const dialog = page.getByRole('dialog', { name: '账号' });
    await dialog.locator('input[type=file]').setInputFiles(fileOf([simple('1'), gpt('2', [])]));
    await dialog.getByText('已导入 1 个对话。未导入：1 个。').waitFor();
    const wide = await dialog.evaluate((element) => element.scrollWidth > element.clientWidth);
    expect(wide).to.equal(false);
  });
});
