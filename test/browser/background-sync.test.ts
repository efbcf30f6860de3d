import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { eventually } from '../../lab/eventually.js';
import { echo } from '../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { keptIn, untilInCharge, untilKept, WITH_WORKER } from './kept.js';
import { launchBrowser, PASSWORD, Person } from './person.js';

const SECRET = 'a-secret-for-tests-that-is-long-enough-1';
const TAG = 'parley-unsent';
/** This browser has the worker's side of Background Sync only: notes what pages ask for. */
const NOTE_TAGS = `window.tags = [];
  SyncManager.prototype.register = async (tag) => { window.tags.push(tag); };`;

/** A message that waits for the worker, later than all others. */
const putUnsent = (user: number, content: string) => `new Promise((resolve) => {
  indexedDB.open('parley-offline').onsuccess = ({ target: { result } }) => {
    const put = result.transaction('unsent', 'readwrite');
    put.objectStore('unsent').put({ user: ${user}, at: 9e15, entry: { client_id: 'late', content: '${content}' } });
    put.oncomplete = () => { result.close(); resolve(); };
  };
})`;

describe('Messages that wait when the page is closed', () => {
  let app: TestApp;
  let browser: Browser;
  let ada: Person;
  /** Another page of the browser, which is not ours. */
  let blank: Page;
  let cdp: CDPSession;
  let registrationId: string;
  let serial = 0;
  let text = '';

  before(async () => {
    const env = { ...FOR_BROWSERS, SECRET_KEY: SECRET };
    [app, browser] = await Promise.all([startApp(env), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });
  beforeEach(async () => {
    serial += 1;
    text = `Written in tunnel ${serial}`;
    app.upstream.otherwise(echo());
    ada = await Person.member(browser, app.url, `tunnel${serial}`, WITH_WORKER);
    await untilInCharge(ada.page);
    blank = await ada.context.newPage();
    cdp = await ada.context.newCDPSession(blank);
    const registered = new Promise<string>((resolve) => {
      cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const own = registrations.find(({ scopeURL }) => scopeURL === `${app.url}/`);
        if (own !== undefined) resolve(own.registrationId);
      });
    });
    await cdp.send('ServiceWorker.enable');
    registrationId = await registered;
  });
  afterEach(async function () {
    await ada.leave(this.currentTest);
    await app.restart();
  });

  /** Wakes the worker, as the browser does once it has a network. */
  const wakeWorker = () =>
    cdp.send('ServiceWorker.dispatchSyncEvent', {
      ...{ origin: app.url, registrationId, tag: TAG, lastChance: false },
    });
  const stored = () =>
    app.rows<{ author_id: number }>('SELECT author_id FROM messages WHERE content = $1', [text]);
  const isStored = () => eventually(stored, (rows) => rows.length > 0);
  /** Writes a message, which is then in the page's store and in the worker's. */
  const writeWithoutServer = async (page = ada.page) => {
    await app.halt();
    await page.getByRole('textbox', { name: 'Message' }).fill(text);
    await page.keyboard.press('Enter');
    await page.getByText('Will be sent when you are back online').waitFor();
    await untilKept(page, (kept) => kept.includes(text));
  };
  /** The token of the cookie has expired, and the session has not. */
  const letTokenExpire = async () => {
    const [cookie] = (await ada.context.cookies()).filter(({ name }) => name === 'access_token');
    if (!cookie) throw new Error('no access cookie');
    const claims = jwt.decode(cookie.value) as jwt.JwtPayload;
    const now = Math.floor(Date.now() / 1000);
    const value = jwt.sign({ ...claims, iat: now - 900, exp: now - 5 }, SECRET);
    await ada.context.addCookies([{ ...cookie, value }]);
  };

  it('are asked for by the browser, and sent by the worker exactly once', async () => {
    await ada.page.addInitScript(NOTE_TAGS);
    await ada.page.reload();
    await ada.composer.waitFor();
    await writeWithoutServer();
    expect(await ada.page.evaluate('[...new Set(window.tags)]')).to.deep.equal([TAG]);
    await ada.page.close();
    await app.restart();
    await wakeWorker();
    await isStored();
    const page = await ada.openTab(app.url);
    await eventually(
      () => keptIn(page),
      (kept) => kept.endsWith('[]]'),
    );
    await page.getByRole('link', { name: text }).waitFor();
    expect(await page.locator('.message-pending').count()).to.equal(0);
    expect((await stored()).length).to.equal(1);
  });

  it('arrive once when pages and worker send at the same time, with a token that has expired', async () => {
    const tab = await ada.secondTab();
    await writeWithoutServer();
    await letTokenExpire();
    await app.restart();
    await Promise.all([wakeWorker(), ada.page.reload(), tab.reload()]);
    // Only the page whose own call was acknowledged first is certain to show the conversation.
    for (const page of [ada.page, tab]) await page.getByRole('link', { name: text }).waitFor();
    await ada.page.getByRole('link', { name: text }).click();
    await ada.sees(text);
    await ada.answerEnds();
    await ada.composer.waitFor();
    await eventually(
      () => keptIn(tab),
      (kept) => kept.endsWith('[]]'),
    );
    expect((await stored()).length).to.equal(1);
    for (const page of [ada.page, tab])
      expect(await page.getByRole('heading', { name: 'Welcome back' }).count()).to.equal(0);
  });

  it('renew an expired token without a page, and leave the person logged in', async () => {
    await writeWithoutServer();
    await letTokenExpire();
    await ada.page.close();
    await app.restart();
    await wakeWorker();
    await isStored();
    const page = await ada.openTab(app.url);
    await page.getByRole('link', { name: text }).waitFor();
    expect((await stored()).length).to.equal(1);
  });

  it('are not sent for somebody else who has logged in meanwhile', async () => {
    const eve = await app.register(`eve${serial}`);
    await writeWithoutServer();
    await ada.page.close();
    await app.restart();
    // A page that was closed in the middle of its logout would leave this behind.
    const data = { email: eve.email, password: PASSWORD };
    const headers = { origin: app.url, 'sec-fetch-site': 'same-origin' };
    const login = await ada.context.request.post('/auth/login', { data, headers });
    expect(login.ok()).to.equal(true);
    await blank.goto('/health');
    await blank.evaluate(putUnsent(eve.id, 'Of Eve'));
    await wakeWorker();
    const sent = () => app.rows('SELECT id FROM messages WHERE content = $1', ['Of Eve']);
    await eventually(sent, (rows) => rows.length === 1);
    // The messages go one after another, and hers is the later one.
    expect(await stored()).to.deep.equal([]);
  });
});
