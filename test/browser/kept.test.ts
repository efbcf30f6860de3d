import { expect } from 'chai';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { eventually } from '../../lab/eventually.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser } from './person.js';

/** The functions that the page below has on `window`, as each test writes them. */
const SOURCE = `
import { createKept } from './src/web/state/offline/kept.ts';
import { openDatabase } from './src/web/state/offline/database.ts';
import { copyOutbox } from './src/web/state/offline/copied-outbox.ts';
import { createStorage } from './src/web/state/device/storage.ts';
import { createUnsent } from './src/web/state/unsent.ts';
import { sendUnsent } from './src/web/worker/send-unsent.ts';

const message = (id, content, status = 'completed') => ({ id, role: 'assistant', status, content });
const state = (id, messages) => ({
  ...{ id, phase: 'open', conversation: { id, title: 'Talk ' + id }, members: [], presence: [] },
  ...{ messages, lookingAt: null, hasMore: false, error: null },
});
const ids = async (user) => {
  const database = await openDatabase();
  const all = await database.getAll('conversations');
  database.close();
  return all.filter((one) => one.user === user).map(({ id }) => id);
};
const unsent = async () => {
  const database = await openDatabase();
  const all = await database.getAll('unsent');
  database.close();
  return all.sort((a, b) => a.at - b.at).map(({ entry }) => entry.client_id);
};
/** The connections of the page, which a test closes behind their owners. */
const opened = [];
const { open } = IDBFactory.prototype;
IDBFactory.prototype.open = function (...args) {
  const request = open.apply(this, args);
  request.addEventListener('success', () => opened.push(request.result));
  return request;
};
const loseAll = () => { for (const database of opened.splice(0)) database.close(); };
const outboxOf = (user) => createUnsent(createStorage(() => localStorage), user).outbox;
Object.assign(window, { createKept, message, state, ids, unsent, loseAll, copyOutbox, outboxOf, sendUnsent });
`;

describe('What a browser keeps', () => {
  let app: TestApp;
  let browser: Browser;
  let page: Page;
  let code = '';

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
    const stdin = { contents: SOURCE, resolveDir: process.cwd(), loader: 'js' } as const;
    const { outputFiles } = await build({ stdin, bundle: true, format: 'iife', write: false });
    code = outputFiles[0]?.text ?? '';
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });
  beforeEach(async () => {
    page = await browser.newPage({ baseURL: app.url });
    await page.goto('/health');
    await page.evaluate(code);
  });
  afterEach(() => page.context().close());

  const run = <T>(body: string) => page.evaluate<T>(`(async () => { ${body} })()`);

  it('are the 50 conversations that were read last', async () => {
    const kept = await run<number[]>(`
      const kept = createKept(1, () => true);
      for (let id = 1; id <= 55; id++) await kept.keep(state(id, [message(id, 'text')]));
      await kept.keep(state(6, [message(6, 'read again')]));
      await kept.keep(state(56, [message(56, 'text')]));
      return ids(1);
    `);
    expect(kept.length).to.equal(50);
    expect(kept).to.include.members([6, 56, 8]);
    expect(kept).to.not.include(7);
  });

  it('are the newest messages of a long conversation, and fewer long conversations', async () => {
    const [first, last, count] = await run<number[]>(`
      const kept = createKept(1, () => true);
      const long = Array.from({ length: 30 }, (_, i) => message(i + 1, 'x'.repeat(50_000)));
      for (let id = 1; id <= 15; id++) await kept.keep(state(id, long));
      const { messages } = await kept.conversation(15);
      return [messages[0].id, messages.at(-1).id, (await ids(1)).length];
    `);
    expect([first, last]).to.deep.equal([12, 30]);
    expect(count).to.equal(10);
  });

  it('is no answer that still runs', async () => {
    const kept = await run<number[]>(`
      const kept = createKept(1, () => true);
      await kept.keep(state(1, [message(1, 'done'), message(2, 'half', 'streaming')]));
      return (await kept.conversation(1)).messages.map(({ id }) => id);
    `);
    expect(kept).to.deep.equal([1]);
  });

  it('is nothing of a user who has left, whatever is still on its way', async () => {
    const kept = await run<number[][]>(`
      let isThere = true;
      const kept = createKept(1, () => isThere);
      const other = createKept(2, () => true);
      await other.keep(state(9, [message(9, 'of another')]));
      const late = kept.keep(state(1, [message(1, 'text')]));
      await kept.forget();
      await late;
      await kept.keep(state(2, [message(2, 'text')]));
      const tab = createKept(1, () => isThere);
      isThere = false;
      await tab.keep(state(3, [message(3, 'text')]));
      return [await ids(1), await ids(2)];
    `);
    expect(kept).to.deep.equal([[], [9]]);
  });

  it('is only of the user who is there', async () => {
    const kept = await run<unknown[]>(`
      const one = createKept(1, () => true);
      await one.keep(state(1, [message(1, 'text')]));
      await one.putUnsent({ client_id: 'a', content: 'text' });
      await createKept(2, () => true).onlyMine();
      return [await ids(1), (await createKept(2, () => true).conversation(1)) ?? null];
    `);
    expect(kept).to.deep.equal([[], null]);
  });

  it('is written, and removed, by a new connection when the old one was closed', async () => {
    const kept = await run<number[][]>(`
      const kept = createKept(1, () => true);
      await kept.keep(state(1, [message(1, 'text')]));
      loseAll();
      await kept.keep(state(2, [message(2, 'text')]));
      const before = await ids(1);
      loseAll();
      await kept.forget();
      return [before, await ids(1)];
    `);
    expect(kept).to.deep.equal([[1, 2], []]);
  });

  it('is kept again after the browser itself has closed the connection', async () => {
    await run(`
      window.kept = createKept(1, () => true);
      await kept.keep(state(1, [message(1, 'text')]));
    `);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Storage.clearDataForOrigin', { origin: app.url, storageTypes: 'indexeddb' });
    const keepAgain = () =>
      run<number[]>(`
        await kept.keep(state(2, [message(2, 'text')]));
        return ids(1);
      `);
    // The page may hear of it a moment later.
    await eventually(keepAgain, (kept) => kept.length === 1 && kept[0] === 2);
  });

  it('is kept after a database that could not be opened at first', async () => {
    const kept = await run<unknown[]>(`
      const { indexedDB: real } = window;
      const broken = () => { throw new DOMException('no', 'UnknownError'); };
      Object.defineProperty(window, 'indexedDB', { get: broken, configurable: true });
      const kept = createKept(1, () => true);
      await kept.keep(state(1, [message(1, 'text')]));
      Object.defineProperty(window, 'indexedDB', { value: real });
      await kept.keep(state(2, [message(2, 'text')]));
      return ids(1);
    `);
    expect(kept).to.deep.equal([2]);
  });

  it('is removed with the whole database where it cannot be removed alone', async () => {
    const kept = await run<number[]>(`
      const kept = createKept(1, () => true);
      await kept.keep(state(1, [message(1, 'text')]));
      const { transaction } = IDBDatabase.prototype;
      IDBDatabase.prototype.transaction = () => { throw new DOMException('damaged', 'DataError'); };
      await kept.forget();
      IDBDatabase.prototype.transaction = transaction;
      return ids(1);
    `);
    expect(kept).to.deep.equal([]);
  });

  it('is no copy of a message that was refused, until it is tried again', async () => {
    const kept = await run<string[][]>(`
      const kept = createKept(1, () => true);
      const outbox = copyOutbox(outboxOf(1), kept);
      const [a, b, c] = ['a', 'b', 'c'].map((client_id) => ({ client_id, content: client_id }));
      for (const entry of [a, b]) outbox.put(entry);
      const waiting = (...entries) => entries.map((entry) => ({ entry, error: null }));
      const error = new Error('refused');
      outbox.follow([{ entry: a, error }, ...waiting(b)]);
      outbox.start({ sync: { register: async () => {} } });
      outbox.put(c);
      const copies = [await unsent()];
      outbox.follow([{ entry: a, error }, { entry: b, error }, ...waiting(c)]);
      copies.push(await unsent());
      outbox.follow(waiting(a, b, c));
      copies.push(await unsent());
      return copies;
    `);
    expect(kept).to.deep.equal([['b', 'c'], ['c'], ['c', 'a', 'b']]);
  });

  it('is sent by the worker, except what is refused for now, and what follows that', async () => {
    const sent: string[] = [];
    const refused: string[] = [];
    await page.route('**/users/me', (route) => route.fulfill({ json: { id: 1 } }));
    await page.route('**/agent/messages', async (route) => {
      const { client_id } = route.request().postDataJSON();
      const isRefused = client_id === 'a' || client_id === 'c';
      (isRefused ? refused : sent).push(client_id);
      const json = {
        code: 'rate_limited',
        title: 'no',
        detail: 'no',
        status: 429,
        retryable: true,
      };
      await (isRefused ? route.fulfill({ status: 429, json }) : route.fulfill({ json: {} }));
    });
    const [code, left] = await run<[string, string[]]>(`
      const kept = createKept(1, () => true);
      for (const client_id of ['a', 'b']) await kept.putUnsent({ client_id, content: client_id });
      for (const client_id of ['c', 'd'])
        await kept.putUnsent({ client_id, content: client_id, conversation_id: 7 });
      await kept.putUnsent({ client_id: 'e', content: 'e', conversation_id: 8 });
      return [await sendUnsent().then(() => 'resolved', ({ code }) => code), await unsent()];
    `);
    expect(code).to.equal('rate_limited');
    expect({ sent, refused, left }).to.deep.equal({
      ...{ sent: ['b', 'e'], refused: ['a', 'c'], left: ['a', 'c', 'd'] },
    });
  });

  it('is nothing, and no error, where the browser has no database', async () => {
    const kept = await run<unknown>(`
      Object.defineProperty(window, 'indexedDB', { get: () => { throw new DOMException('no', 'SecurityError'); } });
      const kept = createKept(1, () => true);
      await kept.keep(state(1, [message(1, 'text')]));
      await kept.forget();
      return (await kept.conversation(1)) ?? 'nothing';
    `);
    expect(kept).to.equal('nothing');
  });
});
