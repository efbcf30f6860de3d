import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { type Account, FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, Person } from './person.js';

describe('the account dialog, for programs', () => {
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
    await open();
  });
  afterEach(function () {
    return ada.leave(this.currentTest);
  });

  const dialog = () => ada.page.getByRole('dialog', { name: 'Account' });
  const button = (name: string) => dialog().getByRole('button', { name, exact: true });
  const open = async () => {
    await ada.page.getByRole('button', { name: `${ada.name}, Account` }).click();
    await dialog().waitFor();
  };
  const asAccount = (token: string): Account => ({
    ...{ id: 0, email: '', username: '', password: '', refreshToken: '' },
    token,
  });

  it('makes a key, shows it once, and revokes it', async () => {
    await button('Create key').click();
    await dialog().getByLabel('Name', { exact: true }).fill('nightly');
    await dialog().getByLabel('ask, and read its answers').uncheck();
    await button('Create key').click();
    await dialog().getByRole('alert').getByText('choose what the program may do').waitFor();
    await dialog().getByLabel('read all conversations').check();
    await button('Create key').click();
    const shown = () => dialog().getByRole('textbox', { name: 'Your new key' });
    const key = await shown().inputValue();
    expect(key).to.match(/^pk_/);
    const reads = async () =>
      (await app.call<{ code?: string }>('/agent/conversations', { token: key })).body.code ?? '';
    expect(await reads()).to.equal('');
    const listed = dialog().getByRole('listitem').filter({ hasText: 'nightly' });
    expect(await listed.innerText())
      .to.include('Not used yet')
      .and.include('Expires on');
    const program = await app.device(asAccount(key));
    await button('Close').click();
    await open();
    await listed.getByText(/Last used/).waitFor();
    expect(await dialog().innerText()).to.not.include(key);
    expect(await shown().count()).to.equal(0);
    await button('Revoke nightly').click();
    expect(await program.until('session:ended')).to.deep.equal({ code: 'key_revoked' });
    await dialog().getByRole('status').getByText('nightly no longer works.').waitFor();
    expect(await listed.count()).to.equal(0);
    expect(await reads()).to.equal('key_revoked');
  });

  it('adds a webhook, shows its secret once, and deletes it', async () => {
    await button('Add webhook').click();
    const address = dialog().getByLabel('Address', { exact: true });
    await address.fill('https://127.0.0.1/parley');
    await button('Add webhook').click();
    await dialog().getByRole('alert').getByText('network of the server').waitFor();
    await address.fill('https://hooks.invalid/parley');
    await dialog().getByLabel('an answer is complete').uncheck();
    await dialog().getByLabel('an answer failed').uncheck();
    await button('Add webhook').click();
    await dialog().getByRole('alert').getByText('choose at least one event').waitFor();
    await dialog().getByLabel('an answer failed').check();
    await button('Add webhook').click();
    const shown = () => dialog().getByRole('textbox', { name: 'Signing secret' });
    const secret = await shown().inputValue();
    expect(secret).to.match(/^whsec_/);
    const listed = dialog().getByRole('listitem').filter({ hasText: 'hooks.invalid' });
    expect(await listed.innerText())
      .to.include('https://hooks.invalid/parley')
      .and.include('an answer failed')
      .and.include('Nothing sent yet')
      .and.not.include('complete');
    await app.rows(`UPDATE webhooks SET last_at = now(), last_ok = false, last_status = 500`);
    await button('Close').click();
    await open();
    await listed.getByText('(status 500)').waitFor();
    expect(await dialog().innerHTML()).to.not.include(secret);
    await button('Delete webhook to hooks.invalid').click();
    await dialog().getByRole('status').getByText('Nothing more is sent').waitFor();
    expect(await listed.count()).to.equal(0);
    expect(await app.rows('SELECT FROM webhooks')).to.deep.equal([]);
  });

  it('shows what it shows only once also if the list cannot be read again', async () => {
    await ada.page.route(/\/users\/me\/(keys|webhooks)$/, (route) =>
      route.request().method() === 'GET' ? route.abort() : route.continue(),
    );
    await button('Create key').click();
    await dialog().getByLabel('Name', { exact: true }).fill('nightly');
    await button('Create key').click();
    await dialog().getByRole('textbox', { name: 'Your new key' }).waitFor();
    await button('Add webhook').click();
    await dialog().getByLabel('Address', { exact: true }).fill('https://hooks.invalid/parley');
    await button('Add webhook').click();
    await dialog().getByRole('textbox', { name: 'Signing secret' }).waitFor();
  });
});
