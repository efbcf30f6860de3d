import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { eventually } from '../../lab/eventually.js';
import { answer, echo, hangAfter } from '../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { startTcpProxy } from '../../lab/stores/tcp-proxy.js';
import { keptIn, untilKept, WITH_WORKER } from './kept.js';
import { launchBrowser, PASSWORD, Person } from './person.js';

const ANSWER = 'Light bends in **drops**.';

describe('The page without a server', () => {
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
    app.upstream.otherwise(echo());
    ada = await Person.member(browser, app.url, `away${serial}`, WITH_WORKER);
  });
  afterEach(async function () {
    await ada.leave(this.currentTest);
    await app.restart();
  });

  /** A conversation whose copy has its answer. */
  const talk = async (question: string, reply = ANSWER) => {
    app.upstream.script(answer([reply]));
    await ada.page.getByRole('link', { name: 'New chat' }).click();
    await ada.say(question);
    await ada.answerEnds();
    await untilKept(ada.page, (text) => {
      const [conversations, lists] = (JSON.parse(text) as unknown[]).map((all) =>
        JSON.stringify(all),
      );
      return conversations?.includes(reply) === true && lists?.includes(question) === true;
    });
  };
  const leaveAndReturn = async (page = ada.page) => {
    await app.halt();
    await page.reload();
    await page.locator('.shell').waitFor();
  };
  const note = (page: Page = ada.page) => page.locator('.copy-note');

  it('opens with the list and the conversation that was read, and says that it is a copy', async () => {
    await talk('How do rainbows form?');
    // A browser may drop its cache at any time, and the worker's own copy must be enough.
    const cdp = await ada.context.newCDPSession(ada.page);
    await cdp.send('Network.clearBrowserCache');
    await leaveAndReturn();
    await ada.sees('Light bends in drops.');
    expect(await ada.answers.last().locator('strong').textContent()).to.equal('drops');
    await ada.page.getByRole('link', { name: 'How do rainbows form?' }).waitFor();
    expect(await note().textContent()).to.match(/^Saved on this device \(.+\)\./);
    await app.restart();
    await note().waitFor({ state: 'detached' });
    await ada.sees('Light bends in drops.');
  });

  it('opens when the server takes the connection and says nothing', async () => {
    const proxy = await startTcpProxy(Number(new URL(app.url).port));
    const url = `http://127.0.0.1:${proxy.port}`;
    const bob = await Person.member(browser, url, `bob${serial}`, WITH_WORKER);
    await bob.say('Anybody there?');
    await bob.answerEnds();
    await untilKept(bob.page, (text) => text.includes('Anybody there?'));
    proxy.mute(() => true);
    await bob.page.reload();
    await bob.page.locator('.copy-note').waitFor();
    await bob.sees('Anybody there?');
    proxy.heal();
    await bob.page.locator('.copy-note').waitFor({ state: 'detached' });
    await bob.leave();
    await proxy.stop();
  });

  it('says so of a conversation that was not read here, and of a search', async () => {
    const elsewhere = await app.call<{ access_token: string }>('/auth/login', {
      body: { email: `${ada.name}@example.com`, password: PASSWORD },
    });
    await talk('How do rainbows form?');
    const body = { client_id: 'elsewhere', content: 'Asked on the phone' };
    await app.call('/agent/messages', { body, token: elsewhere.body.access_token });
    const phone = ada.page.getByRole('link', { name: 'Asked on the phone' });
    await phone.waitFor();
    await untilKept(ada.page, (text) => text.includes('Asked on the phone'));
    await leaveAndReturn();
    await phone.click();
    await note().getByText('not saved on this device').waitFor();
    await ada.page.getByRole('textbox', { name: 'Search conversations' }).fill('drops');
    await ada.page.getByText('There is no connection. Searching works again').waitFor();
    expect(await ada.page.getByText('Nothing found').count()).to.equal(0);
    await app.restart();
    await ada.page.locator('.result').first().waitFor();
    await ada.sees('Asked on the phone');
  });

  it('keeps what is sent, and sends it exactly once when the server is back', async () => {
    await talk('How do rainbows form?');
    await leaveAndReturn();
    await ada.sees('Light bends in drops.');
    await ada.say('And at night?');
    await ada.page.getByText('Will be sent when you are back online').waitFor();
    await ada.page.reload();
    await ada.page.getByText('Will be sent when you are back online').waitFor();
    await app.restart();
    await ada.sees('And at night?');
    await ada.answerEnds();
    expect(await ada.questions.count()).to.equal(2);
    const sent = await app.rows(
      `SELECT id FROM messages WHERE content = 'And at night?' AND role = 'user'`,
    );
    expect(sent.length).to.equal(1);
  });

  it('forgets a conversation that was deleted', async () => {
    await talk('How do rainbows form?');
    await ada.page.getByRole('button', { name: 'Delete', exact: true }).click();
    await untilKept(ada.page, (text) => !text.includes('rainbows'));
  });

  it('forgets a conversation that was deleted while its answer ran', async () => {
    await talk('How do rainbows form?');
    app.upstream.script(hangAfter('By moonlight'));
    await ada.say('And at night?');
    await ada.sees('By moonlight');
    await ada.page.getByRole('button', { name: 'Delete', exact: true }).click();
    await ada.page
      .getByRole('link', { name: 'How do rainbows form?' })
      .waitFor({ state: 'detached' });
    // Copies are written one after the other.
    await talk('What is a fence?', 'A number.');
    expect(await keptIn(ada.page)).to.not.include('rainbows');
  });

  it('forgets an archived conversation that was deleted', async () => {
    await talk('How do rainbows form?');
    const header = ada.page.locator('.thread-header');
    await header.getByRole('button', { name: 'More' }).click();
    await header.getByRole('menuitem', { name: 'Archive' }).click();
    await ada.page.getByText('Archived.').waitFor();
    await ada.page.reload();
    await untilKept(ada.page, (text) => text.includes('"archived":true'));
    await header.getByRole('button', { name: 'Delete', exact: true }).click();
    await ada.page.getByText('Deleted.').waitFor();
    await talk('What is a fence?', 'A number.');
    expect(await keptIn(ada.page)).to.not.include('rainbows');
  });

  it('keeps nothing after the logout, and shows nothing to the next person', async () => {
    await talk('How do rainbows form?');
    const address = ada.page.url();
    await ada.logOut();
    expect(
      await eventually(
        () => keptIn(ada.page),
        (text) => !text.includes('rainbows'),
      ),
    ).to.equal('[[],[],[]]');
    await app.halt();
    await ada.page.goto(address);
    await ada.page.getByRole('heading', { name: 'Welcome back' }).waitFor();
    await app.restart();
    const eve = `eve${serial}`;
    await app.register(eve);
    await ada.page.getByLabel('Email').fill(`${eve}@example.com`);
    await ada.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await ada.page.keyboard.press('Enter');
    await ada.composer.waitFor();
    await app.halt();
    await ada.page.goto(address);
    await ada.page.reload();
    await note().getByText('not saved on this device').waitFor();
    expect(await ada.page.locator('body').innerText()).to.not.include('rainbow');
  });

  it('removes what was left by a page that was closed while it logged out', async () => {
    await talk('How do rainbows form?');
    await ada.page.evaluate(`localStorage.removeItem('parley:user')`);
    await ada.page.reload();
    await ada.page.getByRole('heading', { name: 'Welcome back' }).waitFor();
    await eventually(
      () => keptIn(ada.page),
      (text) => text === '[[],[],[]]',
    );
  });

  it('removes the copies at a logout that cannot reach the server', async () => {
    await talk('How do rainbows form?');
    await app.halt();
    await ada.page.getByRole('button', { name: 'Log out' }).click();
    await ada.page.getByText('The server cannot be reached right now.').waitFor();
    await eventually(
      () => keptIn(ada.page),
      (text) => text === '[[],[],[]]',
    );
  });

  it('keeps nothing after a logout that failed, though the page goes on', async () => {
    await talk('How do rainbows form?');
    await app.halt();
    await ada.page.getByRole('button', { name: 'Log out' }).click();
    await ada.page.getByText('The server cannot be reached right now.').waitFor();
    await eventually(
      () => keptIn(ada.page),
      (text) => text === '[[],[],[]]',
    );
    await app.restart();
    await ada.say('And moonbows?');
    await ada.answerEnds();
    await ada.sees('And moonbows?');
    // A page that is hidden keeps what it shows at once, and what is read after that comes behind it.
    await ada.page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    expect(await keptIn(ada.page)).to.equal('[[],[],[]]');
  });

  it('keeps nothing of a session that was ended elsewhere', async () => {
    await talk('How do rainbows form?');
    const tab = await ada.secondTab();
    await tab.getByText('Light bends').waitFor();
    const { value = '' } =
      (await ada.context.cookies()).find(({ name }) => name === 'refresh_token') ?? {};
    await app.call('/auth/logout', { body: { refresh_token: value } });
    await ada.page.getByRole('heading', { name: 'Welcome back' }).waitFor();
    await tab.getByRole('heading', { name: 'Welcome back' }).waitFor();
    await eventually(
      () => keptIn(ada.page),
      (text) => text === '[[],[],[]]',
    );
  });

  it('keeps nothing of an account that was deleted', async () => {
    await talk('How do rainbows form?');
    await ada.page.getByRole('button', { name: `${ada.name}, Account` }).click();
    await ada.page.getByRole('button', { name: 'Delete account', exact: true }).click();
    await ada.page.locator('input[name=confirm]').fill(ada.name);
    await ada.page.locator('.danger-button').click();
    await ada.page.getByRole('heading', { name: 'Welcome back' }).waitFor();
    await eventually(
      () => keptIn(ada.page),
      (text) => text === '[[],[],[]]',
    );
  });
});
