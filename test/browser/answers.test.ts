import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { answer, status } from '../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, Person, stopClock } from './person.js';

const CODE = 'const a = 1; // one\nlet b = "two";';

describe('an answer on the page', () => {
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
    ada = await Person.member(browser, app.url, `reader${serial}`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
  });
  afterEach(function () {
    return ada.leave(this.currentTest);
  });

  const gets = async (text: string, question = 'Go on') => {
    app.upstream.script(answer(text.match(/[\s\S]{1,17}/g) ?? []));
    await ada.say(question);
    await ada.answerEnds();
  };
  const last = (selector: string) => ada.answers.last().locator(selector);

  it('has code in colours, alone and in a list, to copy, wrap and download', async () => {
    await gets(`\`\`\`js\n${CODE}\n\`\`\`\n\n- item\n\n  \`\`\`python\n  x = None\n  \`\`\``);
    await last('.code .hl-comment').getByText('// one').waitFor();
    await last('li .code .hl-literal').getByText('None').waitFor();
    expect(await last('pre').first().textContent()).to.equal(CODE);
    const first = ada.answers.last().locator('figure').first();
    await stopClock(ada.page);
    await first.getByRole('button', { name: 'Copy code' }).click();
    await first.getByRole('button', { name: 'Copied' }).waitFor();
    await ada.page.clock.resume();
    expect(await ada.page.evaluate(() => navigator.clipboard.readText())).to.equal(CODE);
    const wrap = first.getByRole('button', { name: 'Wrap' });
    await wrap.click();
    expect(await wrap.getAttribute('aria-pressed')).to.equal('true');
    const [download] = await Promise.all([
      ada.page.waitForEvent('download'),
      first.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).to.equal('code.js');
    expect(await readFile(await download.path(), 'utf8')).to.equal(CODE);
    await ada.chooses('中文');
    await first.getByRole('button', { name: '复制代码' }).waitFor();
    expect(ada.complaints).to.deep.equal([]);
  });

  it('leaves Mermaid and HTML as code', async () => {
    await gets('```mermaid\ngraph TD; A-->B\n```\n\n```html\n<b onclick="x">hi</b>\n```');
    expect(await last('.code pre').allTextContents()).to.deep.equal([
      'graph TD; A-->B',
      '<b onclick="x">hi</b>',
    ]);
    await last('.hl-name').first().waitFor();
    expect(await last('.markdown b, .markdown svg').count()).to.equal(0);
  });

  it('has formulas, which are fetched when they are needed, and wrong ones as they were written', async () => {
    const fetched: string[] = [];
    ada.page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
    await gets('Only words for $5.');
    expect(fetched.filter((path) => /typesetter|formulas/.test(path))).to.deep.equal([]);
    await gets('So $\\pmb{x}^2$ and\n\n$$\n\\boxed{\\frac{a}{b}}\n$$\n\nbut $\\frac{1$ costs $7.');
    await last('.formula[role="math"] .katex').first().waitFor();
    expect(await last('.formula[role="math"]').count()).to.equal(2);
    expect(await last('.formula-wrong').allTextContents()).to.deep.equal(['$\\frac{1$']);
    expect(await last('.markdown').textContent()).to.include('costs $7.');
    expect(ada.complaints).to.deep.equal([]);
  });

  it('runs in the direction and the language of its text', async () => {
    await gets('مرحبا `code` بالعالم\n\n- واحد\n- اثنان\n\nEnglish words', 'مرحبا، كيف الحال؟');
    const blocks = last('.block');
    const directions = await blocks.evaluateAll((all) =>
      all.map((one) => getComputedStyle(one).direction),
    );
    expect(directions).to.deep.equal(['rtl', 'rtl', 'ltr']);
    expect(await last('.markdown').getAttribute('lang')).to.equal('ar');
    const bubble = ada.questions.last().locator('.bubble');
    expect(await bubble.evaluate((one) => getComputedStyle(one).direction)).to.equal('rtl');
    expect(await bubble.getAttribute('lang')).to.equal('ar');
  });

  it('keeps what is selected while it grows', async () => {
    const held = app.upstream.next();
    await ada.say('Write for a while');
    held.write('A first paragraph with **some words** in it.\n\n- first item\n- second');
    await last('li').getByText('second').waitFor();
    await last('.markdown').evaluate((root) => {
      const from = root.querySelector('strong')?.firstChild;
      const to = root.querySelector('li')?.firstChild;
      if (!from || !to) throw new Error('nothing to select');
      getSelection()?.setBaseAndExtent(from, 0, to, 10);
    });
    const selected = () => ada.page.evaluate(() => getSelection()?.toString());
    const before = await selected();
    for (let i = 0; i < 50; i += 1) {
      held.write(i % 10 === 9 ? `\n- item ${i}` : ` word${i}`);
      if (i % 10 === 5) await ada.sees(`word${i}`);
    }
    held.write('\n\n```js\nlet a = 1;\n```\n\nThe end.');
    held.finish();
    await ada.answerEnds();
    expect(await selected()).to.equal(before);
    expect(before).to.include('some words').and.to.include('first item');
  });

  it('says on demand which model wrote it, when, and with how many tokens', async () => {
    await gets('Hello.');
    await ada.answers.last().getByRole('button', { name: 'About this answer' }).click();
    const facts = await last('.answer-facts').textContent();
    expect(facts).to.match(/Model.+Time.+Tokens\d+ read, \d+ written/);
    await ada.answers.last().getByRole('button', { name: 'About this answer' }).click();
    expect(await last('.answer-facts').count()).to.equal(0);
  });

  it('names the cause of a failure', async () => {
    const asked: string[] = [];
    ada.page.on('request', (request) => asked.push(request.url()));
    app.upstream.script(status(401, { message: 'Project 4711 has no credit' }));
    await ada.say('Are you there?');
    await ada.sees('The model server refused the API key.');
    await ada.answerEnds();
    expect(await ada.page.getByText('4711').count()).to.equal(0);
    expect(asked.filter((url) => url.includes('/admin/'))).to.deep.equal([]);
  });

  it('goes from a footnote to its text, and back', async () => {
    await gets('Words[^1] and\n\nmore.\n\n[^1]: The note.');
    await ada.answers.last().getByRole('button', { name: '1: footnote' }).click();
    expect(await ada.page.evaluate(() => document.activeElement?.textContent)).to.include(
      'The note.',
    );
    await ada.answers.last().getByRole('button', { name: 'back to the text' }).click();
    expect(await ada.page.evaluate(() => document.activeElement?.className)).to.equal('note-ref');
  });
});
