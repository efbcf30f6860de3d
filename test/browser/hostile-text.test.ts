import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { eventually } from '../../lab/eventually.js';
import { answer } from '../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import type { TokenResponse } from '../../src/contract/accounts.js';
import { launchBrowser, PASSWORD, Person } from './person.js';

const PIECE = /[\s\S]{1,4000}/g;
/** The unit tests have many more. These reach the browser itself. */
const THRICE_A_THOUSAND = [
  '>',
  '1. ',
  '+ ',
  '[',
  '![',
  '***',
  '<b>',
  '<details>\n\n',
  '> - ',
  '| ',
];
const LONG = ['> ', '- a\n', 'word ', '\u0301'].map((piece) =>
  piece.repeat(100_000 / piece.length),
);

describe('a text that would break the page, in front of a person', function () {
  this.timeout(120_000);
  let app: TestApp;
  let browser: Browser;
  let ada: Person;
  let serial = 0;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });
  beforeEach(async () => {
    serial += 1;
    ada = await Person.member(browser, app.url, `hostile${serial}`);
  });
  afterEach(function () {
    return ada.leave(this.currentTest);
  });

  /** The person's other device, in the conversation that the page shows. */
  const otherDevice = async () => {
    await ada.say('first');
    await ada.answerEnds();
    const body = { email: `${ada.name}@example.com`, password: PASSWORD };
    const login = await app.call<TokenResponse>('/auth/login', { body });
    const { access_token: token = '', user } = login.body;
    const device = await app.device({ ...user, password: PASSWORD, token, refreshToken: '' });
    const { conversations } = await device.ask('conversation:list', {});
    const conversation_id = conversations[0]?.id ?? 0;
    await device.ask('conversation:open', { conversation_id });
    let asked = 0;
    /** Asks, and waits until the node has written the whole answer. */
    return async (content: string) => {
      asked += 1;
      const client_id = `ask-${asked}`;
      const sent = await device.ask('message:send', { conversation_id, client_id, content });
      await device.ended(sent.assistant_message.id);
    };
  };

  const isUsable = async (page: Page, count: number) => {
    await page.locator('.message-assistant').last().getByText('the end').waitFor();
    // A print has all of them in the document.
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    const whole = page.locator('.message-assistant .answer-tools');
    await eventually(
      () => whole.count(),
      (shown) => shown === count,
    );
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect(await page.locator('.waiting').count()).to.equal(0);
    const composer = page.getByRole('textbox', { name: 'Message' });
    await composer.fill('still here');
    expect(await composer.inputValue()).to.equal('still here');
    await composer.fill('');
  };

  it('is one message among others, long or short, after a reload too', async () => {
    const ask = await otherDevice();
    const texts = [...THRICE_A_THOUSAND.map((piece) => piece.repeat(3_000)), ...LONG];
    app.upstream.script(...[...texts, 'the end'].map((text) => answer(text.match(PIECE) ?? [])));
    for (const index of texts.keys()) await ask(`question ${index}`);
    await ask('the last one');
    await isUsable(ada.page, texts.length + 2);
    await ada.page.reload();
    await isUsable(ada.page, texts.length + 2);
    expect(ada.complaints).to.deep.equal([]);
  });

  it('is harmless as a question and as a title', async () => {
    await ada.say(`a${'\u0301'.repeat(9_000)}${'>'.repeat(3_000)}`);
    await ada.answerEnds();
    await ada.sees('Hello there.');
    await ada.page.reload();
    await ada.sees('Hello there.');
    expect(ada.complaints).to.deep.equal([]);
  });
});

describe('a part of the page that throws', () => {
  let app: TestApp;
  let browser: Browser;
  let ada: Person;
  let serial = 0;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });
  beforeEach(async () => {
    serial += 1;
    ada = await Person.member(browser, app.url, `broken${serial}`);
    await ada.say('first');
    await ada.answerEnds();
  });
  afterEach(function () {
    return ada.leave(this.currentTest);
  });

  const broken = () => ada.page.getByText('This part of the page could not be shown.');
  /** Makes this global throw from now on, also after a reload. */
  const breaks = async (owner: string, name: string) => {
    const value = `function () { throw new Error('broken on purpose') }`;
    await ada.page.addInitScript(`Object.defineProperty(${owner}, '${name}', { value: ${value} })`);
    await ada.page.reload();
  };
  const complained = () => expect(ada.complaints.join()).to.include('broken on purpose');

  it('leaves the text of an answer readable', async () => {
    await breaks('Element.prototype', 'append');
    await ada.sees('Hello there.');
    expect(await broken().count()).to.equal(0);
    await ada.say('second');
    await ada.questions.getByText('second').waitFor();
    await ada.answers.nth(1).getByText('Hello there.').waitFor();
    complained();
  });

  it('leaves everything else when it is the list of messages', async () => {
    await breaks('window', 'ResizeObserver');
    await broken().waitFor();
    await ada.page.getByRole('link', { name: 'first' }).waitFor();
    await ada.page.getByRole('heading', { name: 'first' }).waitFor();
    await ada.composer.fill('still here');
    await ada.page.getByRole('button', { name: 'Reload' }).waitFor();
    complained();
  });

  it('leaves the conversation when it is the list of conversations', async () => {
    await breaks('Date.prototype', 'getFullYear');
    await broken().waitFor();
    await ada.sees('Hello there.');
    await ada.say('second');
    await ada.answers.nth(1).getByText('Hello there.').waitFor();
    complained();
  });

  it('leaves the page when it is a dialog', async () => {
    await breaks('HTMLDialogElement.prototype', 'showModal');
    await ada.sees('Hello there.');
    await ada.questions.first().hover();
    await ada.questions.first().getByRole('button', { name: 'Delete question' }).click();
    await ada.page.getByRole('button', { name: `${ada.name}, Account` }).click();
    await ada.say('second');
    await ada.answers.nth(1).getByText('Hello there.').waitFor();
    expect(await ada.page.locator('dialog').count()).to.equal(0);
  });
});
