import { expect } from 'chai';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser } from './person.js';

/** The functions that the page below has on `window`, as each test writes them. */
const SOURCE = `
import { createKept } from './src/web/state/offline/kept.ts';
import { openDatabase } from './src/web/state/offline/database.ts';

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
Object.assign(window, { createKept, message, state, ids });
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
