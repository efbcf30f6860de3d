import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { eventually } from '../../lab/eventually.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { untilKept, WITH_WORKER } from './kept.js';
import { launchFirefox, Person } from './person.js';

const PIECES = [
  'Der ',
  '你好，',
  '世界 ',
  '👩‍🚀 ',
  'fährt ',
  'zum ',
  '月亮 ',
  '🌕 ',
  'und ',
  'zurück.',
];
const WHOLE = PIECES.join('');
const CODE = 'const a = 1; // one\nlet b = "two";';
const FORMATTED = [
  `\`\`\`js\n${CODE}\n\`\`\`\n\n`,
  'So $x^2$ and\n\n$$\n\\frac{a}{b}\n$$\n\n',
  ...Array.from({ length: 40 }, (_, index) => `Paragraph ${index + 1}\n\n`),
  'The end.',
];

/** Another engine than Chromium, from the first visit to the last, in the dark. */
describe('the page in Firefox', () => {
  let app: TestApp;
  let browser: Browser;
  let ada: Person;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchFirefox()]);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });
  afterEach(function () {
    return ada.leave(this.currentTest);
  });

  const last = (selector: string) => ada.answers.last().locator(selector);
  const paper = () =>
    ada.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const colour = (selector: string) =>
    last(selector)
      .first()
      .evaluate((element) => getComputedStyle(element).color);

  /** An answer with code and formulas that is longer than the screen. */
  const asksForAll = async () => {
    const held = app.upstream.next();
    await ada.say('Code and formulas');
    for (const piece of FORMATTED) held.write(piece);
    await ada.sees('The end.');
    held.finish();
    await ada.answerEnds();
  };
  const looksRight = async () => {
    expect(await last('.code pre').textContent()).to.equal(CODE);
    await last('.code .hl-comment').getByText('// one').waitFor();
    expect(await colour('.code .hl-comment')).to.not.equal(await colour('.code pre'));
    await last('.formula[role="math"] .katex').nth(1).waitFor();
    const isSet = () => ada.page.evaluate(() => document.fonts.check('1em KaTeX_Main'));
    await eventually(isSet, Boolean);
    expect(await last('.formula-wrong').count()).to.equal(0);
  };

  it('takes a newcomer from the first visit to the log-out, with every character of the answers', async () => {
    ada = await Person.arrive(browser, app.url, 'ada');
    expect(await ada.page.evaluate(() => navigator.userAgent)).to.include('Firefox/');
    await ada.register();
    const held = app.upstream.next();
    await ada.say('Tell me about the moon');
    held.write(...PIECES.slice(0, 4));
    await ada.sees('你好，世界 👩‍🚀');
    await ada.page.reload();
    await ada.sees('你好，世界 👩‍🚀');
    const other = await ada.secondTab();
    const mirrored = other.locator('.message-assistant').last();
    await mirrored.getByText('你好，世界 👩‍🚀').waitFor();
    held.write(...PIECES.slice(4, 7));
    await Promise.all([ada.sees('zum 月亮'), mirrored.getByText('zum 月亮').waitFor()]);
    held.write(...PIECES.slice(7));
    held.finish();
    await ada.answerEnds();
    expect(await ada.answerText()).to.equal(WHOLE);
    await mirrored.locator('.answer-tools').waitFor({ state: 'attached' });
    expect((await mirrored.locator('.markdown').textContent())?.trimEnd()).to.equal(WHOLE);

    await asksForAll();
    await looksRight();
    const fromEnd = await ada.page
      .locator('.scroller')
      .evaluate((frame) => frame.scrollHeight - frame.scrollTop - frame.clientHeight);
    expect(fromEnd, 'the end is followed').to.be.lessThan(48);
    await ada.logOut();
    await other.getByRole('heading', { name: 'Welcome back' }).waitFor();
    expect(ada.complaints).to.deep.equal([]);
  });

  it('fits a phone, in the dark, and keeps another choice', async () => {
    ada = await Person.arrive(browser, app.url, 'grace', {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
    });
    const dark = await paper();
    await ada.page.getByRole('button', { name: 'Switch to light' }).click();
    expect(await paper()).to.not.equal(dark);
    await ada.page.getByRole('button', { name: 'Switch to dark' }).click();
    expect(await paper()).to.equal(dark);
    await ada.register();
    await asksForAll();
    await looksRight();
    expect(await ada.page.evaluate(() => document.documentElement.scrollWidth)).to.equal(390);
    const list = ada.page.getByRole('navigation', { name: 'Conversations' });
    expect(await list.isVisible()).to.equal(false);
    await ada.page.getByRole('button', { name: 'Open conversations' }).click();
    await list.getByRole('link', { name: 'New chat' }).click();
    await ada.page.getByRole('heading', { name: 'Hello, grace.' }).waitFor();
    await list.waitFor({ state: 'hidden' });
    expect(ada.complaints).to.deep.equal([]);
    // Anything that the policy refuses would be among the complaints.
    await ada.page.evaluate(() => document.body.setAttribute('style', 'color: red'));
    await eventually(
      () => ada.complaints.join(),
      (all) => all.includes('Content-Security-Policy'),
    );
  });

  it('opens without a server with what was read, and sends once what was written meanwhile', async () => {
    ada = await Person.arrive(browser, app.url, 'mary', WITH_WORKER);
    await ada.register();
    await ada.say('How do rainbows form?');
    await ada.answerEnds();
    await untilKept(ada.page, (kept) => kept.includes('Hello there.'));
    await app.halt();
    await ada.page.reload();
    await ada.page.locator('.copy-note').waitFor();
    await ada.sees('Hello there.');
    await ada.say('Written without a server');
    await app.restart();
    await ada.answers.nth(1).getByText('Hello there.').waitFor();
    const sent = await app.rows(`SELECT FROM messages WHERE content = 'Written without a server'`);
    expect(sent).to.have.length(1);
  });
});
