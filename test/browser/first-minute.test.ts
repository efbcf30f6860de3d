import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { status } from '../../lab/models/upstream-behaviours.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { forgetAccounts } from '../../lab/people/newcomer.js';
import { launchBrowser, PASSWORD, Person } from './person.js';

describe('The first minute', () => {
  let app: TestApp;
  let browser: Browser;
  let root: Person;

  before(async () => {
    [app, browser] = await Promise.all([
      startApp({ ...FOR_BROWSERS, REGISTRATION: 'invite' }),
      launchBrowser(),
    ]);
    await forgetAccounts(app);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await root?.leave(this.currentTest);
  });

  const button = (person: Person, name: string) =>
    person.page.getByRole('button', { name, exact: true });
  const heading = (person: Person, name: string) => person.page.getByRole('heading', { name });
  const fillIn = async ({ page, name }: Person) => {
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
  };

  const goTo = (part: string) => root.page.getByRole('link', { name: part, exact: true }).click();

  it('greets whoever comes first, makes them administrator, and asks the model once', async () => {
    root = await Person.arrive(browser, app.url, 'root');
    await heading(root, 'Create the administrator’s account').waitFor();
    await root.page.getByText('No common password, and not your email or name.').waitFor();
    await root.page.getByLabel('Email').fill('root@example.com');
    await fillIn(root);
    await heading(root, 'Administration').waitFor();
    await root.page.getByRole('status').getByText('test-model: It answers.').waitFor();
    expect(app.upstream.requests).to.have.length(1);
  });

  it('asks the model again by a button, and says what is wrong', async () => {
    app.upstream.script(status(401));
    await button(root, 'Test').click();
    await root.page.getByText('The model server refused the API key.').waitFor();
    await button(root, 'Test').click();
    await root.page.getByText('It answers.').waitFor();
  });

  it('is named in the title of the tab while it is shown', async () => {
    const { page } = root;
    const titled = (title: string) => page.waitForFunction((t) => document.title === t, title);
    await titled('Administration · Parley');
    await page.getByRole('link', { name: 'Start a chat' }).click();
    await root.composer.waitFor();
    await titled('Parley');
    await page.getByRole('link', { name: 'Administration' }).click();
    await titled('Administration · Parley');
  });

  it('lets nobody else in without an invitation', async () => {
    const guest = await Person.arrive(browser, app.url, 'guest');
    await guest.page.getByText('You need an invitation from the administrator.').waitFor();
    expect(await button(guest, 'Create account').count()).to.equal(0);
    await guest.page.goto('/#/invitation/not-one');
    await guest.page.getByRole('alert').getByText('This invitation does not exist').waitFor();
    await guest.leave();
  });

  it('is an account by the link of an invitation, which is good once', async () => {
    const { page } = root;
    await goTo('People');
    await page.getByLabel('Email (optional)').fill('ada@example.com');
    await button(root, 'Create link').click();
    const link = page.getByLabel('Invitation link', { exact: true }).first();
    const url = await link.inputValue();
    expect(await page.getByLabel('Valid for').inputValue()).to.equal('7');
    expect(url).to.match(/\/#\/invitation\/[\w-]{43}$/);
    const ada = await Person.arrive(browser, app.url, 'ada');
    await ada.page.goto(url);
    await heading(ada, 'You are invited').waitFor();
    const email = ada.page.getByLabel('Email');
    expect(await email.inputValue()).to.equal('ada@example.com');
    expect(await email.isEditable()).to.equal(false);
    await fillIn(ada);
    await ada.composer.waitFor();
    expect(ada.page.url()).to.not.include('invitation');
    expect(await ada.page.getByRole('link', { name: 'Administration' }).count()).to.equal(0);
    const late = await Person.arrive(browser, app.url, 'late');
    await late.page.goto(url);
    await late.page.getByRole('alert').getByText('has been used already').waitFor();
    await late.leave();
    await ada.leave();
  });

  it('shows the people, found by name, with their roles, and disables and enables them', async () => {
    const { page } = root;
    await page.reload();
    await heading(root, 'Administration').waitFor();
    const people = page.getByRole('region', { name: 'People' });
    await people.getByRole('button', { name: 'Roles of root' }).click();
    await people.getByLabel('admin').uncheck();
    await people.getByRole('button', { name: 'Save' }).click();
    await people.getByText('At least one active administrator must remain.').waitFor();
    expect(await people.getByLabel('admin').isChecked(), 'the form stays').to.equal(false);
    await people.getByRole('button', { name: 'Roles of root' }).click();
    const own = people.getByText('root@example.com');
    await own.waitFor();
    await people.getByLabel('Search by name or email').fill('ada');
    await own.waitFor({ state: 'detached' });
    await people.getByRole('button', { name: 'Roles of ada' }).click();
    await people.getByLabel('admin').check();
    await people.getByRole('button', { name: 'Save' }).click();
    await people.getByText('The roles of ada are changed.').waitFor();
    await people.getByText('user, admin').waitFor();
    await people.getByRole('button', { name: 'Disable ada' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await people.getByText('ada is disabled.').waitFor();
    const [stored] = await app.rows(`SELECT is_active FROM users WHERE username = 'ada'`);
    expect(stored?.is_active).to.equal(false);
    await people.getByRole('button', { name: 'Enable ada' }).click();
    await people.getByText('ada is enabled.').waitFor();
  });

  it('keeps the address between the forms, and revokes an invitation, whose link is then none', async () => {
    const { page } = root;
    await button(root, 'Create link').click();
    const url = await page.getByLabel('Invitation link', { exact: true }).first().inputValue();
    const eve = await Person.arrive(browser, app.url, 'eve');
    await eve.page.goto(url);
    await heading(eve, 'You are invited').waitFor();
    await eve.page.getByLabel('Email').fill('eve@example.com');
    await button(eve, 'Log in').click();
    await heading(eve, 'Welcome back').waitFor();
    expect(await eve.page.getByLabel('Email').inputValue()).to.equal('eve@example.com');
    await page
      .getByRole('button', { name: 'Revoke the invitation: Anybody with the link' })
      .click();
    await page.getByText('The invitation is revoked.').waitFor();
    await eve.page.reload();
    await eve.page.getByRole('alert').getByText('does not exist, or it was withdrawn').waitFor();
    await eve.leave();
  });

  it('shows the nodes and what they write, and drains one that somebody confirms', async () => {
    await goTo('Overview');
    const nodes = root.page.getByRole('region', { name: 'Nodes' });
    await nodes.getByText('0 running').waitFor();
    await root.page.getByText('No answer is running or waiting.').waitFor();
    await nodes.getByText('Yours').waitFor();
    await nodes.getByRole('button', { name: 'Drain' }).click();
    const dialog = root.page.getByRole('dialog');
    await dialog.getByText('The node takes nothing new').waitFor();
    await dialog.getByRole('button', { name: 'Drain' }).click();
    await nodes.getByText('will drain.').waitFor();
    await nodes.getByText('Draining').waitFor();
    expect(await nodes.getByRole('button', { name: 'Drain' }).count()).to.equal(0);
    const rows = await app.rows('SELECT FROM nodes WHERE drain_asked_at IS NOT NULL');
    expect(rows).to.have.length(1);
  });

  it('is at home on a phone, in Chinese and in the dark, without a scroll to the side', async () => {
    const context = await root.context.storageState();
    const phone = await Person.arrive(browser, app.url, 'root', {
      ...{ viewport: { width: 320, height: 700 }, hasTouch: true, isMobile: true },
      ...{ colorScheme: 'dark', locale: 'zh-CN', storageState: context },
    });
    await phone.page.evaluate(() => localStorage.setItem('parley:language', 'zh-CN'));
    await phone.page.goto('/#/admin/people');
    await phone.page.reload();
    await phone.page.getByRole('heading', { name: '用户' }).waitFor();
    await phone.page.getByText('root@example.com').waitFor();
    const wide = await phone.page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    expect(wide).to.equal(false);
    await phone.leave();
    // Refused changes and old links are errors of the network, which the console reports by itself.
    const own = root.complaints.filter((text) => !/status of 40[139]/.test(text));
    expect(own).to.deep.equal([]);
    await root.leave();
  });
});
