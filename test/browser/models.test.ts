import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import * as upstreams from '../../lab/models/scripted-upstream.js';
import { reasoningChunk } from '../../lab/models/upstream-wire.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, Person } from './person.js';

describe('models on the page', function () {
  this.timeout(60_000);
  let dir: string;
  let app: TestApp;
  let browser: Browser;
  let ada: Person;
  let other: upstreams.Upstream;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'providers-'));
    other = await upstreams.startUpstream();
    const path = join(dir, 'providers.json');
    const big = {
      ...{ id: 'big', name: 'Big One', context_window: 64_000, max_output: 500, reasoning: true },
      price: { input: 0.5, output: 1.5, currency: 'USD' },
    };
    const providers = [{ name: 'far', base_url: other.url, models: [big] }];
    await writeFile(path, JSON.stringify({ providers }));
    [app, browser] = await Promise.all([
      startApp({ ...FOR_BROWSERS, PROVIDERS_FILE: path }),
      launchBrowser(),
    ]);
    ada = await Person.member(browser, app.url, 'models');
  });
  after(async () => {
    await ada?.leave();
    await browser?.close();
    await app?.stop();
    await other?.stop();
    await rm(dir, { recursive: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    console.error(await ada.page.locator('body').innerText());
  });

  it('shows reasoning folded and live, and for how long it went on', async () => {
    const held = app.upstream.next();
    await ada.say('Think about it');
    await held.opened;
    held.raw(reasoningChunk('First **this**, '));
    const answer = ada.answers.last();
    await answer.getByText(/^Thinking for \d+ s…$/).click();
    await answer.locator('.reasoning').getByText('First **this**,').waitFor();
    held.raw(reasoningChunk('then that.'));
    await answer.locator('.reasoning').getByText('First **this**, then that.').waitFor();
    held.write('So be it.');
    held.finish();
    await ada.sees('So be it.');
    await answer.getByText(/^Thought for \d+ s$/).waitFor();
    await ada.page.reload();
    await answer.getByText(/^Thought for \d+ s$/).waitFor();
    expect(await answer.locator('.reasoning').getByText('then that.').count()).to.equal(0);
    await answer.getByText(/^Thought for \d+ s$/).click();
    await answer.locator('.reasoning').getByText('then that.').waitFor();
    await ada.chooses('中文');
    await answer.getByText(/^思考用时 \d+ 秒$/).waitFor();
    await ada.chooses('English');
    expect(ada.complaints).to.deep.equal([]);
  });

  it('are chosen for a new conversation, which keeps its model', async () => {
    await ada.page.getByRole('link', { name: 'New chat' }).click();
    const picker = ada.page.getByRole('combobox', { name: 'Model', exact: true });
    const isKept = picker.and(ada.page.locator('[title*="far"]'));
    await picker.selectOption({ label: 'Big One' });
    await ada.say('Who are you?');
    await ada.sees('Hello there.');
    await isKept.waitFor();
    await ada.say('And again?');
    await other.request(2);
    expect(other.requests.map(({ body }) => body.model)).to.deep.equal(['big', 'big']);
    await ada.page.reload();
    await isKept.waitFor();
    expect(await picker.inputValue()).to.equal('big');
    expect(await picker.getAttribute('title')).to.equal(
      'From far · 64,000 tokens of context · answers of up to 500 tokens · thinks before it answers · $0.50 for a million tokens of input, $1.50 of output',
    );
  });

  it('are shown as gone where they were chosen before, and another one is asked for', async () => {
    await ada.page.getByRole('link', { name: 'New chat' }).click();
    await ada.say('Old model');
    await ada.sees('Hello there.');
    await ada.answerEnds();
    await app.rows(`UPDATE conversations SET model = 'old-one' WHERE title = 'Old model'`);
    await ada.page.reload();
    const picker = ada.page.getByRole('combobox', { name: 'Model', exact: true });
    await picker.and(ada.page.locator('[aria-invalid=true]')).waitFor();
    expect(await picker.inputValue()).to.equal('old-one');
    const requests = app.upstream.requests.length + other.requests.length;
    await ada.say('Still there?');
    const alert = ada.page.getByRole('alert').filter({ hasText: 'Not sent.' });
    await alert
      .getByText('This model is no longer available. Please choose another one.')
      .waitFor();
    expect(app.upstream.requests.length + other.requests.length).to.equal(requests);
    await picker.selectOption({ label: 'Big One' });
    await picker.and(ada.page.locator('[title*="far"]')).waitFor();
    await alert.getByRole('button', { name: 'Try again' }).click();
    await ada.answers.nth(1).getByText('Hello there.').waitFor();
    expect(other.requests.at(-1)?.body.model).to.equal('big');
  });

  it('answer by the settings of the conversation', async () => {
    const settings = () => ada.page.getByRole('button', { name: 'Model and settings' });
    const field = (name: string) => ada.page.getByRole('dialog').getByLabel(name, { exact: true });
    await settings().click();
    await field('Use the default of this server').uncheck();
    await field('System prompt').fill('Rhyme.');
    await field('Temperature').fill('0.5');
    await field('Longest answer in tokens').fill('99');
    await field('Model').selectOption({ label: 'Default (test-model)' });
    await ada.page.getByRole('button', { name: 'Save' }).click();
    await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
    const before = app.upstream.requests.length;
    await ada.say('Now?');
    const { body } = await app.upstream.request(before + 1);
    expect(body).to.include({ model: 'test-model', temperature: 0.5, max_tokens: 99 });
    expect(body.messages[0]).to.deep.equal({ role: 'system', content: 'Rhyme.' });
    await settings().click();
    expect(await field('Temperature').inputValue()).to.equal('0.5');
    await field('Temperature').fill('');
    await field('Use the default of this server').check();
    await ada.page.getByRole('button', { name: 'Save' }).click();
    await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
    await ada.say('And now?');
    const next = await app.upstream.request(before + 2);
    expect(next.body).to.not.have.property('temperature');
    expect(next.body.messages[0]?.content).to.equal('You are a helpful assistant.');
    await settings().click();
    await field('Answer only messages with @ai').check();
    await ada.page.getByRole('button', { name: 'Save' }).click();
    await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
    await ada.page.getByRole('textbox', { name: 'Message' }).fill('A note for later');
    await ada.page.keyboard.press('Enter');
    await ada.page.getByText('A note for later').waitFor();
    await ada.say('@ai what did I note?');
    const asked = await app.upstream.request(before + 3);
    expect(asked.body.messages.at(-1)?.content).to.equal(
      'A note for later\n\n@ai what did I note?',
    );
    expect(ada.complaints).to.deep.equal([]);
  });
});
