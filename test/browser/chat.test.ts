import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { type Account, FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import type { Conversation, Message } from '../../src/contract/rest.js';
import { launchBrowser, PASSWORD, Person } from './person.js';

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

describe('the chat page', () => {
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
    ada = await Person.member(browser, app.url, `ada${serial}`);
  });
  afterEach(function () {
    return ada.leave(this.currentTest);
  });

  const login = async (): Promise<string> => {
    const body = { email: `${ada.name}@example.com`, password: PASSWORD };
    return (await app.call<{ access_token: string }>('/auth/login', { body })).body.access_token;
  };

  /** The stored messages of the only conversation. */
  const stored = async (): Promise<Message[]> => {
    const token = await login();
    const list = await app.call<Conversation[]>('/agent/conversations', { token });
    const path = `/agent/conversations/${list.body[0]?.id}/messages`;
    return (await app.call<Message[]>(path, { token })).body;
  };

  it('registers, chats, survives a reload in mid-answer with the full text, and logs out', async () => {
    const answer = app.upstream.next();
    await ada.say('Tell me about the moon');
    answer.write(...PIECES.slice(0, 4));
    await ada.sees('你好，世界 👩‍🚀');
    await ada.page.reload();
    await ada.sees('你好，世界 👩‍🚀');
    answer.write(...PIECES.slice(4));
    answer.finish();
    await ada.answerEnds();

    expect(await ada.answerText()).to.equal(WHOLE);
    expect((await stored()).map(({ content }) => content)).to.deep.equal([
      'Tell me about the moon',
      WHOLE,
    ]);
    await ada.composer.fill('nobody else shall read this');
    await ada.logOut();
    expect(ada.complaints).to.deep.equal([]);
    const kept = await ada.page.evaluate(() => Object.keys(localStorage));
    expect(kept.filter((key) => key.includes('unsent') || key.includes('user'))).to.deep.equal([]);
  });

  it('leaves nothing behind when the socket says before REST that the session has ended', async () => {
    await ada.say('A question');
    await ada.answerEnds();
    await ada.composer.fill('nobody else shall read this');
    let answer = () => undefined as unknown;
    await ada.page.route('**/auth/logout', async (route) => {
      const response = await route.fetch();
      answer = () => route.fulfill({ response });
    });
    await ada.logOut();
    const kept = await ada.page.evaluate(() => Object.keys(localStorage));
    await answer();
    expect(kept.filter((key) => key.includes('unsent') || key.includes('user'))).to.deep.equal([]);
  });

  it('follows an answer live in a second tab, and the list too', async () => {
    const answer = app.upstream.next();
    await ada.say('Two tabs');
    answer.write('First ');
    await ada.sees('First');
    const other = await ada.secondTab();
    const mirrored = other.locator('.message-assistant');
    await mirrored.getByText('First').waitFor();
    answer.write('second');
    await mirrored.getByText('First second').waitFor();
    answer.finish();
    await ada.answerEnds();
    await ada.say('And once more');
    await mirrored.getByText('Hello there.').waitFor();
    expect(await other.locator('.message-user').count()).to.equal(2);
    await other.getByRole('link', { name: 'Two tabs' }).waitFor();
    expect(ada.complaints).to.deep.equal([]);
  });

  it('shows that it is offline in mid-answer, and has the whole text when it is back', async () => {
    const answer = app.upstream.next();
    await ada.say('Tunnel');
    answer.write(...PIECES.slice(0, 3));
    await ada.sees('你好，世界');
    await ada.context.setOffline(true);
    await ada.page.getByText('You are offline.').waitFor();
    answer.write(...PIECES.slice(3));
    answer.finish();
    await ada.say('Sent from the tunnel');
    await ada.page.getByText('Will be sent when you are back online').waitFor();
    await ada.context.setOffline(false);
    await ada.answers.getByText('Hello there.').waitFor();
    await ada.page.getByText('You are offline.').waitFor({ state: 'detached' });

    const texts = await ada.answers.locator('.markdown').allTextContents();
    expect(texts.map((text) => text.trimEnd())).to.deep.equal([WHOLE, 'Hello there.']);
    expect(await ada.questions.count()).to.equal(2);
    expect((await stored()).length).to.equal(4);
  });

  it('keeps a message that was written offline across a reload and sends it once', async () => {
    await ada.context.setOffline(true);
    await ada.page.getByText('You are offline.').waitFor();
    await ada.say('Do not lose me');
    await ada.page.getByText('Will be sent when you are back online').waitFor();
    const address = ada.page.url();
    // Closed before the network is back, or this tab could still send what the next one must send.
    await ada.page.close();
    await ada.context.setOffline(false);
    const tab = await ada.openTab(address);
    await tab.locator('.message-assistant').getByText('Hello there.').waitFor();
    expect((await stored()).map(({ content }) => content)).to.deep.equal([
      'Do not lose me',
      'Hello there.',
    ]);
  });

  it('comes back by itself after the node was restarted in mid-answer', async () => {
    const first = app.upstream.next();
    await ada.say('Restart');
    first.write('lost half');
    await ada.sees('lost half');
    const second = app.upstream.next();
    await app.restart();
    second.write(...PIECES);
    second.finish();
    await ada.sees('zurück.');
    await ada.answerEnds();
    expect(await ada.answerText()).to.equal(WHOLE);
  });

  it('says that a restart interrupted an answer, and keeps its text until the new one has passed it', async () => {
    const first = app.upstream.next();
    await ada.say('Restart once more');
    first.write('The old beginning of it');
    await ada.sees('The old beginning of it');
    const second = app.upstream.next();
    await app.restart();
    second.write('A new');
    await ada.sees('The answer was interrupted by a restart and is being written again.');
    // A page that comes later has only the new text, so it is there.
    const later = await ada.secondTab();
    await later.locator('.message-assistant').last().getByText('A new', { exact: true }).waitFor();
    await later.close();
    expect(await ada.answerText()).to.equal('The old beginning of it');
    second.write(' text that has become longer');
    second.finish();
    await ada.sees('A new text that has become longer');
    await ada.answerEnds();
    expect(await ada.answerText()).to.equal('A new text that has become longer');
    const said = ada.page.getByText('The answer was interrupted by a restart');
    expect(await said.count()).to.equal(0);
  });

  it('stops an answer and keeps what had arrived', async () => {
    const answer = app.upstream.next();
    await ada.say('Stop me');
    answer.write('Once upon');
    await ada.sees('Once upon');
    await ada.page.getByRole('button', { name: 'Stop', exact: true }).click();
    await ada.sees('Stopped');
    await answer.closed;
    expect((await stored()).at(-1)).to.include({ status: 'stopped', content: 'Once upon' });
  });

  it('renames in place, deletes, and brings back', async () => {
    await ada.say('A title from words');
    await ada.answerEnds();
    await ada.page.getByRole('button', { name: 'Rename' }).click();
    await ada.page
      .getByRole('textbox', { name: 'Title of the conversation' })
      .fill('Mein Titel 标题');
    await ada.page.keyboard.press('Enter');
    const row = ada.page.getByRole('link', { name: 'Mein Titel 标题' });
    await row.waitFor();
    await ada.page.getByRole('heading', { name: 'Mein Titel 标题' }).waitFor();
    await ada.page.waitForFunction(() => document.title === 'Mein Titel 标题 · Parley');

    await ada.page.getByRole('button', { name: 'Delete', exact: true }).click();
    await row.waitFor({ state: 'detached' });
    await ada.page.getByRole('heading', { name: `Hello, ${ada.name}.` }).waitFor();
    await ada.page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
    await row.waitFor();
    await ada.sees('Hello there.');
    expect(ada.complaints).to.deep.equal([]);
  });

  it('says why an answer failed and asks again on request', async () => {
    const refused = app.upstream.next();
    await ada.say('Fail please');
    await refused.opened;
    refused.cut();
    await ada.sees('No answer.');
    await ada.page.getByRole('button', { name: 'Ask again' }).click();
    await ada.answers.getByText('Hello there.').waitFor();
    const [question, answer] = await stored();
    expect(question?.content).to.equal('Fail please');
    expect(answer).to.include({ content: 'Hello there.', parent_id: question?.id });
    expect(answer?.sibling_ids).to.have.length(2);
  });

  it('runs nothing and loads nothing that an answer brings along', async () => {
    const requests: string[] = [];
    ada.page.on('request', (request) => requests.push(request.url()));
    const answer = app.upstream.next();
    await ada.say('Attack');
    answer.write(...ATTACKS);
    await ada.sees('the end');
    answer.finish();
    await ada.answerEnds();

    const markdown = ada.answers.last().locator('.markdown');
    expect(await ada.page.evaluate(() => Reflect.get(window, 'pwned'))).to.equal(undefined);
    const dangerous = 'script, img, svg, iframe, style, form, input, [style], [onclick], [onerror]';
    expect(await markdown.locator('.block').locator(dangerous).count()).to.equal(0);
    const links = await markdown
      .locator('a[href]')
      .evaluateAll((all) =>
        all.map((link) => [
          link.getAttribute('href'),
          link.getAttribute('rel'),
          link.getAttribute('target'),
        ]),
      );
    for (const [href, rel, target] of links) {
      expect(href).to.match(/^(https|mailto):/);
      expect(rel).to.include('noopener');
      expect(target).to.equal('_blank');
    }
    expect(links.length).to.be.greaterThan(0);
    expect(requests.filter((url) => url.includes('evil.example'))).to.deep.equal([]);
    expect(ada.complaints).to.deep.equal([]);
  });

  it('does not show what belongs to another', async () => {
    const other: Account = await app.register(`other${serial}`);
    const { body } = await app.call<Conversation>('/agent/conversations', {
      token: other.token,
      body: { title: 'Secret' },
    });
    await ada.page.goto(`/#/c/${body.id}`);
    await ada.page.getByRole('heading', { name: 'Conversation not found' }).waitFor();
    expect(await ada.page.getByText('Secret').count()).to.equal(0);
  });

  it('keeps a draft per conversation across a reload', async () => {
    await ada.say('Has a draft');
    await ada.answerEnds();
    await ada.composer.fill('half a thought');
    await ada.page.getByRole('link', { name: 'New chat' }).click();
    await ada.page.getByRole('heading', { name: `Hello, ${ada.name}.` }).waitFor();
    expect(await ada.composer.inputValue()).to.equal('');
    await ada.page.reload();
    await ada.page.getByRole('link', { name: 'Has a draft' }).click();
    await ada.answerEnds();
    expect(await ada.composer.inputValue()).to.equal('half a thought');
  });

  it('does not send while an input method is choosing a word', async () => {
    await ada.composer.fill('ni hao');
    await ada.composer.dispatchEvent('keydown', { key: 'Enter', isComposing: true });
    await ada.composer.press('Shift+Enter');
    expect(await ada.composer.inputValue()).to.equal('ni hao\n');
    expect(await ada.questions.count()).to.equal(0);
  });

  it('does not rename or search by the keys that pick a word in Safari', async () => {
    const picks = (key: string) => ({ key, keyCode: 229, isComposing: false });
    await ada.say('Old title');
    await ada.answerEnds();
    await ada.page.getByRole('button', { name: 'Rename', exact: true }).click();
    const title = ada.page.getByRole('textbox', { name: 'Title of the conversation' });
    await title.fill('ni hao');
    await title.dispatchEvent('keydown', picks('Enter'));
    expect(await title.inputValue()).to.equal('ni hao');
    await title.press('Escape');
    const search = ada.page.getByRole('textbox', { name: 'Search conversations' });
    await search.fill('ni hao');
    await search.dispatchEvent('keydown', picks('Escape'));
    expect(await search.inputValue()).to.equal('ni hao');
  });
});

const ATTACKS = [
  '<script>window.pwned = 1</script>\n\n',
  '<img src="https://evil.example/a.png" onerror="window.pwned = 2">\n\n',
  '![pixel](https://evil.example/b.png) [click](javascript:window.pwned=3)\n\n',
  '<a href="javascript:window.pwned=4" onclick="window.pwned=5">x</a>\n\n',
  '<svg onload="window.pwned=6"></svg><iframe srcdoc="<script>parent.pwned=7</script>"></iframe>\n\n',
  '<div style="position:fixed;inset:0">over everything</div>\n\n',
  '<form action="https://evil.example"><input name="password"></form>\n\n',
  '- <b onmouseover="window.pwned=8">item</b>\n\n',
  '```html\n<script>window.pwned = 9</script>\n```\n\n',
  '[fine](https://example.com/) the end',
];
