import { expect } from 'chai';
import type { Browser, BrowserContextOptions, Page, Route } from 'playwright-core';
import { status } from '../../lab/models/scripted-upstream.js';
import { type Account, FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { makeAdmin } from '../../lab/people/roles.js';
import type { StoredQuestion } from '../../src/contract/rest.js';
import { launchBrowser, PASSWORD, Person } from './person.js';

const PARTS = ['', '/people', '/roles', '/usage', '/audit', '/settings'];
const PHONE: BrowserContextOptions = {
  ...{ viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true },
  colorScheme: 'dark',
};

describe('The page of administrators', () => {
  let app: TestApp;
  let browser: Browser;
  let root: Person;
  let ada: Account;
  let page: Page;

  before(async () => {
    const env = { ...FOR_BROWSERS, PROVIDER_MAX_RETRIES: '0' };
    [app, browser] = await Promise.all([startApp(env), launchBrowser()]);
    await makeAdmin(app, await app.register('root'));
    ada = await app.register('ada');
    root = await Person.arrive(browser, app.url, 'root');
    page = root.page;
    await page.getByLabel('Email').fill('root@example.com');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Log in' }).click();
    await root.composer.waitFor();
  });
  after(async () => {
    await root?.leave();
    await browser?.close();
    await app?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    console.error(page.url(), await page.locator('body').innerText());
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const region = (name: string) => page.getByRole('region', { name, exact: true });
  const goTo = (part: string) => page.getByRole('link', { name: part, exact: true }).click();

  it('stays when a conversation begins that was written before on the page for a new one', async () => {
    const before = root.complaints.length;
    await root.context.setOffline(true);
    await root.composer.fill('Written on the way');
    await root.composer.press('Enter');
    await page.getByText('Will be sent when you are back online').waitFor();
    await goTo('Administration');
    await page.waitForURL('**/#/admin');
    await root.context.setOffline(false);
    await page.getByRole('link', { name: 'Written on the way' }).waitFor();
    expect(page.url()).to.match(/#\/admin$/);
    // The browser complains that it has no network.
    root.complaints.splice(before);
    await page.goto('/');
    await root.composer.waitFor();
  });

  it('has parts with addresses of their own, of which the current one is named, and back leads back', async () => {
    await goTo('Administration');
    await region('Model').waitFor();
    const parts = page.getByRole('navigation', { name: 'Administration' });
    for (const [part, title] of [
      ['People', 'Invitations'],
      ['Roles', 'Roles'],
      ['Usage', 'By day'],
      ['Audit log', 'Audit log'],
      ['Settings', 'Settings'],
      ['Overview', 'Nodes'],
    ] as const) {
      await parts.getByRole('link', { name: part, exact: true }).press('Enter');
      await region(title).waitFor();
      expect(await parts.locator('[aria-current=page]').innerText()).to.equal(part);
    }
    await page.goBack();
    await region('Settings').waitFor();
    expect(page.url()).to.match(/#\/admin\/settings$/);
    await page.goto('/#/admin/nothing');
    await region('Model').waitFor();
  });

  it('shows the queue as it is, whose answers wait, and looks again while it is in sight', async () => {
    const queue = region('Queue');
    await queue.getByText('No answer is running or waiting.').waitFor();
    const held = app.upstream.next();
    const ask = (body: object) =>
      app.call<StoredQuestion>('/agent/messages', { token: ada.token, body });
    const { body } = await ask({ client_id: 'first', content: 'q' });
    await held.opened;
    // Answers of one conversation are written one after another.
    const conversation_id = body.conversation.id;
    await ask({ client_id: 'second', content: 'q', conversation_id });
    await queue.getByText('1 running, 1 waiting').waitFor();
    await region('Nodes').getByText('1 running').waitFor();
    held.write('x');
    held.finish();
    await queue.getByText('No answer is running or waiting.').waitFor();
  });

  it('does not ask while it is out of sight, and at once when it is back', async () => {
    await page.clock.install();
    await page.reload();
    await region('Queue').waitFor();
    await page.clock.pauseAt(Date.now() + 60_000);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const hide = (hidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    const queues = () => asked.filter((path) => path === '/admin/queue').length;
    await hide(true);
    await page.clock.runFor(60_000);
    expect(queues()).to.equal(0);
    const again = page.waitForRequest('**/admin/queue');
    await hide(false);
    await again;
    expect(queues()).to.equal(1);
    const next = page.waitForRequest('**/admin/queue');
    await page.clock.runFor(5_000);
    await next;
    await page.clock.resume();
  });

  it('tells what the model server said, below the sentence and below an answer that failed', async () => {
    const said = { message: 'Project 4711 has no credit (sk-test-key)' };
    app.upstream.script(status(401, said));
    await button('Test').click();
    await region('Model').getByText('The model server refused the API key.').waitFor();
    await region('Model').getByText('Project 4711 has no credit').waitFor();
    await goTo('Start a chat');
    app.upstream.script(status(401, said));
    await root.say('Fail please');
    await root.sees('The model server refused the API key.');
    await root.sees('Project 4711 has no credit');
    expect(await page.locator('body').innerText()).to.not.include('sk-test-key');
    await page.reload();
    await root.sees('Project 4711 has no credit');
    await goTo('Administration');
  });

  it('makes, changes and deletes roles with their quotas', async () => {
    await goTo('Roles');
    const roles = region('Roles');
    await button('New role').click();
    await roles.getByLabel('Name').fill('support');
    await roles.getByLabel('See people and invitations').check();
    await roles.getByLabel('Tokens per day').fill('2500');
    await button('Create role').click();
    await roles.getByText('The role support is created.').waitFor();
    await roles.getByText('2,500 tokens a day').waitFor();
    await button('Edit support').click();
    await roles.getByLabel('See people and invitations').uncheck();
    await roles.getByLabel('Tokens per day').fill('');
    await roles.getByLabel('Tokens per month').fill('9000');
    await button('Save').click();
    await roles.getByText('The role support is changed.').waitFor();
    const [stored] = await app.rows(
      `SELECT permissions, tokens_per_day, tokens_per_month::int FROM roles WHERE name = 'support'`,
    );
    expect(stored).to.deep.equal({
      permissions: ['conversations:read', 'conversations:write', 'messages:send'],
      ...{ tokens_per_day: null, tokens_per_month: 9_000 },
    });
    expect(await roles.getByRole('button', { name: 'Edit admin' }).count()).to.equal(0);
    await button('Delete support').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await roles.getByText('The role support is deleted.').waitFor();
    expect(await app.rows(`SELECT FROM roles WHERE name = 'support'`)).to.deep.equal([]);
  });

  it('gives one person a quota of their own, beside what they have used', async () => {
    await app.rows('DELETE FROM usage_models');
    await app.rows('DELETE FROM usage_days');
    await app.rows('INSERT INTO usage_days (user_id, tokens) VALUES ($1, 400)', [ada.id]);
    await goTo('People');
    await button('Quota of ada').click();
    const form = page.getByRole('form', { name: 'Quota of ada' });
    await form.getByText('400 tokens').first().waitFor();
    await form.getByLabel('Tokens per day').fill('1000');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The quota of ada is changed.').waitFor();
    await page.getByText('Own quota').waitFor();
    const { body } = await app.call<{ day: { limit: number } }>('/users/me/usage', {
      token: ada.token,
    });
    expect(body.day.limit).to.equal(1_000);
    await button('Quota of ada').click();
    await form.getByText('400 of 1,000 tokens').waitFor();
    await form.getByRole('meter', { name: 'Today' }).waitFor();
    await form.getByLabel('Tokens per day').fill('');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Own quota').waitFor({ state: 'detached' });
  });

  it('shows usage by day as a chart and a table, and by model and person, with the cost', async () => {
    await app.rows(
      `INSERT INTO usage_models (user_id, model, currency, tokens, cost) VALUES ($1, 'test-model', 'USD', 400, 0.5)`,
      [ada.id],
    );
    await goTo('Usage');
    const byDay = region('By day');
    await byDay.getByRole('img', { name: /Tokens per day/ }).waitFor();
    await byDay.getByText('Show as a table').click();
    const today = byDay.getByRole('row').nth(1);
    expect(await today.innerText()).to.match(/\b400\b/);
    const model = region('By model').getByRole('row', { name: /test-model/ });
    expect(await model.innerText()).to.match(/400[\s\S]*0\.50/);
    const person = region('By person').getByRole('row', { name: /ada/ });
    expect(await person.innerText()).to.match(/400[\s\S]*0\.50/);
  });

  it('finds entries of the audit log by action, person and day, page by page', async () => {
    await goTo('Audit log');
    const log = page.getByRole('list', { name: 'Audit log' });
    const entries = log.getByRole('listitem');
    await entries.first().waitFor();
    const filter = page.getByRole('form', { name: 'Filter' });
    await filter.getByLabel('What happened').selectOption('quota_changed');
    await log.getByText('Registered').first().waitFor({ state: 'detached' });
    expect(await entries.count()).to.equal(2);
    await entries.first().getByText('tokens_per_day: –').waitFor();
    const asked: string[] = [];
    page.on('request', (request) => request.url().includes('=ROOT') && asked.push(request.url()));
    await filter.getByLabel('Whose account').fill('ROOT');
    await filter.getByLabel('Whose account').press('Enter');
    await log.getByText('Nothing found.').waitFor();
    expect(asked).to.have.length(1);
    await button('Show everything').click();
    await log.getByText('Registered').first().waitFor();
    expect(await filter.getByLabel('Whose account').inputValue()).to.equal('');
    await log.getByRole('button', { name: 'Only what happened to ada' }).first().click();
    await log.getByText('Role created').waitFor({ state: 'detached' });
    expect(await filter.getByLabel('Whose account').inputValue()).to.equal('ada');
    await button('Show everything').click();
    await log.getByText('Role created').waitFor();
    await filter.getByLabel('From').fill('2100-01-01');
    await filter.getByLabel('From').blur();
    await log.getByText('Nothing found.').waitFor();
    await button('Show everything').click();
    await app.rows(
      `INSERT INTO audit_log (action, ip, user_agent, details) SELECT 'signed_out', '', '', '{}' FROM generate_series(1, 25)`,
    );
    await button('Show').click();
    await log.getByText('Logged out').first().waitFor();
    expect(await entries.count()).to.equal(20);
    await button('Show more').click();
    await log.getByText('Role created').waitFor();
  });

  it('says that the newest search has failed, whatever comes of an earlier one', async () => {
    await goTo('Audit log');
    const filter = page.getByRole('form', { name: 'Filter' });
    const field = filter.getByLabel('Whose account');
    let answerFirst = async () => {};
    await page.route(/audit\?.*subject=ada/, async (route) => {
      answerFirst = () => route.continue();
    });
    await page.route(/audit\?.*subject=root/, (route) => route.fulfill({ status: 404 }));
    const first = page.waitForRequest(/subject=ada/);
    await field.fill('ada');
    await field.press('Enter');
    const asked = await first;
    await field.fill('root');
    await field.press('Enter');
    const problem = region('Audit log').getByRole('alert');
    await problem.waitFor();
    await answerFirst();
    await (await asked.response())?.finished();
    // The page handles that reply before the one to this request.
    await page.evaluate(() => fetch('/health/live').then((response) => response.text()));
    expect(await problem.isVisible()).to.equal(true);
    await page.unrouteAll();
    await field.press('Enter');
    await problem.waitFor({ state: 'hidden' });
    await button('Show everything').click();
  });

  it('does one confirmed action after another, and says how each has ended', async () => {
    await app.register('carl');
    await app.register('dora');
    await goTo('People');
    const disable = async (name: string) => {
      await button(`Disable ${name}`).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Disable', exact: true }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    };
    let refuse = async () => {};
    const hold = (route: Route) => {
      refuse = () => route.fulfill({ status: 404 });
    };
    await page.route(/admin\/users\/\d+$/, hold, { times: 1 });
    const first = page.waitForRequest((request) => request.method() === 'PATCH');
    await disable('carl');
    await first;
    await disable('dora');
    await refuse();
    await page.getByText('dora is disabled.').waitFor();
    await region('People').getByRole('alert').waitFor();
    const active = await app.rows(
      `SELECT username, is_active FROM users WHERE username IN ('carl', 'dora') ORDER BY username`,
    );
    expect(active).to.deep.equal([
      { username: 'carl', is_active: true },
      { username: 'dora', is_active: false },
    ]);
    await disable('carl');
    await page.getByText('carl is disabled.').waitFor();
    await region('People').getByRole('alert').waitFor({ state: 'hidden' });
  });

  it('makes a role once, however often its button is pressed', async () => {
    await goTo('Roles');
    let answerFirst = async () => {};
    let posts = 0;
    await page.route('**/admin/roles', (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      posts += 1;
      answerFirst = () => route.continue();
    });
    const asked = page.waitForRequest((request) => request.method() === 'POST');
    await button('New role').click();
    await region('Roles').getByLabel('Name').fill('once');
    await button('Create role').click();
    await asked;
    await region('Roles').getByLabel('Name').press('Enter');
    await answerFirst();
    await region('Roles').getByText('The role once is created.').waitFor();
    await button('New role').waitFor();
    expect(posts).to.equal(1);
    expect(await region('Roles').getByRole('alert').allTextContents()).to.deep.equal(['']);
    await page.unrouteAll();
  });

  it('lists the settings in force, finds them, and shows no secret', async () => {
    await goTo('Settings');
    const settings = region('Settings');
    const line = (name: string) =>
      settings.locator('.admin-setting').filter({ has: page.getByText(name, { exact: true }) });
    await line('OPENAI_API_KEY').getByText('Set', { exact: true }).waitFor();
    await line('METRICS_TOKEN').getByText('Not set').waitFor();
    expect(await line('LEASE_SECONDS').innerText()).to.match(/1 s\s+default 5/);
    expect(await settings.innerText()).to.not.match(/sk-test-key|secret-for-tests/);
    await settings.getByLabel('Search settings').fill('lease');
    await line('OPENAI_API_KEY').waitFor({ state: 'detached' });
    expect(await settings.locator('.admin-setting').count()).to.equal(1);
    await settings.getByLabel('Search settings').fill('REDIS_URL');
    await settings.getByLabel('Only what is set').check();
    await settings.getByText('No setting found.').waitFor();
  });

  it('is nobody’s without a role, and says in each part what a role does not allow', async () => {
    await app.rows(
      `WITH r AS (INSERT INTO roles (name, permissions) VALUES ('auditor', '{audit:read,conversations:read}') RETURNING id)
       INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM r`,
      [ada.id],
    );
    const eve = await Person.member(browser, app.url, 'eve');
    expect(await eve.page.getByRole('link', { name: 'Administration' }).count()).to.equal(0);
    await eve.page.goto('/#/admin/settings');
    await eve.page.getByText('Your roles do not allow this.').waitFor();
    await app.rows(
      `INSERT INTO user_roles (user_id, role_id) SELECT u.id, r.id FROM users u, roles r
       WHERE u.username = 'eve' AND r.name = 'auditor'`,
    );
    await eve.page.goto('/#/admin/audit');
    await eve.page.reload();
    await eve.page
      .getByRole('list', { name: 'Audit log' })
      .getByText('Logged out')
      .first()
      .waitFor();
    for (const part of ['roles', 'usage', 'settings', 'people']) {
      await eve.page.goto(`/#/admin/${part}`);
      await eve.page.getByText('Your roles do not allow this.').first().waitFor();
    }
    await eve.leave();
  });

  for (const [language, options] of [
    ['en', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
    ['zh-CN', PHONE],
  ] as const) {
    it(`fits a phone in ${language}, where the current part is in sight and fingers hit everything`, async () => {
      const storageState = await root.context.storageState();
      const phone = await Person.arrive(browser, app.url, 'root', { ...options, storageState });
      await phone.page.evaluate((to) => localStorage.setItem('parley:language', to), language);
      await phone.page.reload();
      for (const part of PARTS) {
        await phone.page.goto(`/#/admin${part}`);
        await phone.page.locator('.admin-section').first().waitFor();
        const current = phone.page.locator('.admin-nav [aria-current]');
        await phone.page.waitForFunction(() => {
          const box = document.querySelector('.admin-nav [aria-current]')?.getBoundingClientRect();
          return box !== undefined && box.left >= 0 && box.right <= innerWidth;
        });
        expect((await current.boundingBox())?.height, part).to.be.at.least(44);
        const wide = await phone.page.evaluate(() =>
          [document.documentElement, ...document.querySelectorAll('.scroller')].some(
            ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth,
          ),
        );
        expect(wide, part).to.equal(false);
      }
      await phone.leave();
    });
  }

  it('said nothing to the console but what was refused', () => {
    const own = root.complaints.filter(
      (text) => !/status of 4\d\d|WebSocket is closed before/.test(text),
    );
    expect(own).to.deep.equal([]);
  });
});
