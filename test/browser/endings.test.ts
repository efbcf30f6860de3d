import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { answer } from '../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, Person } from './person.js';

describe('an answer that did not simply end', () => {
  let app: TestApp;
  let browser: Browser;
  let ada: Person;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
    ada = await Person.member(browser, app.url, 'ending');
  });
  after(async () => {
    await ada?.leave();
    await browser?.close();
    await app?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    console.error(await ada.page.locator('body').innerText());
  });

  const button = (name: string) => ada.answers.last().getByRole('button', { name });
  const asks = async (question: string, finishReason: string, pieces: string[] = []) => {
    app.upstream.script(answer(pieces, { finishReason }));
    await ada.say(question);
    await ada.questions.last().getByText(question).waitFor();
  };

  it('says why there is no text, and asks again', async () => {
    const reasons = [
      ['content_filter', 'The content filter of the model server blocked the answer.'],
      ['tool_calls', 'The model wanted to use a tool instead of answering.'],
      ['length', 'The model reached the maximum length before it wrote any text'],
      ['stop', 'The model ended without writing anything.'],
      ['odd_one', 'The model server gave an unusual reason: “odd_one”.'],
    ];
    for (const [reason = '', sentence = ''] of reasons) {
      await asks(`Why ${reason}?`, reason);
      await ada.sees(sentence);
      await button('Ask again').waitFor();
    }
    const before = await ada.answers.count();
    await button('Ask again').click();
    await ada.sees('Hello there.');
    expect(await ada.answers.count()).to.equal(before);
    expect(await ada.questions.last().locator('.bubble').textContent()).to.equal('Why odd_one?');
    await ada.page.reload();
    await ada.page.getByText('The content filter of the model server blocked').waitFor();
    expect(await ada.page.getByRole('button', { name: 'Ask again' }).count()).to.equal(0);
    expect(ada.complaints).to.deep.equal([]);
  });

  it('says that its length was used up, and goes on', async () => {
    await asks('A long story', 'length', ['Once upon a']);
    await ada.sees('The answer reached its maximum length and stops here.');
    const before = await ada.answers.count();
    app.upstream.script(answer([' time.']));
    await button('Continue').click();
    await ada.sees('Once upon a time.');
    expect(await ada.answers.count()).to.equal(before);
  });

  it('says that the quota is used up, and shows what is left of it', async () => {
    await app.rows('UPDATE roles SET tokens_per_day = 1000000');
    const held = app.upstream.next();
    await ada.say('Write for ever');
    await held.opened;
    await app.rows('UPDATE roles SET tokens_per_day = 1');
    held.write('word '.repeat(2_000), 'and no more');
    await ada.sees('Stopped, because your quota is used up.');
    await button('Continue').waitFor();
    await button('Show usage').click();
    const account = ada.page.getByRole('dialog', { name: 'Account' });
    await account.getByRole('meter', { name: 'Today' }).waitFor();
    await ada.page.keyboard.press('Escape');
    await ada.say('One more');
    const refused = ada.questions.last();
    await refused
      .getByText('Your quota is used up, or reserved by answers that still run.')
      .waitFor();
    await refused.getByRole('button', { name: 'Show usage' }).click();
    await account.waitFor();
    await ada.page.keyboard.press('Escape');
    await refused.getByRole('button', { name: 'Discard' }).click();
    await app.rows('UPDATE roles SET tokens_per_day = NULL');
    expect(ada.complaints).to.deep.equal([]);
  });

  it('says that a filter cut it, in Chinese too', async () => {
    await asks('Secrets', 'content_filter', ['The secret is']);
    await ada.sees('The content filter of the model server cut the answer off here.');
    await ada.chooses('中文');
    await ada.sees('模型服务器的内容过滤在此处截断了回答。');
    await button('重新提问').waitFor();
    expect(ada.complaints).to.deep.equal([]);
  });
});
