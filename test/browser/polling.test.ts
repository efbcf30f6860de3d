import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { type PollingProxy, startPollingProxy } from '../../lab/nodes/polling-proxy.js';
import { launchBrowser, Person } from './person.js';

describe('A browser in a network without websockets', () => {
  let app: TestApp;
  let browser: Browser;
  let network: PollingProxy;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
    network = await startPollingProxy(app.url);
  });
  after(async () => {
    await browser?.close();
    network?.stop();
    await app?.stop();
  });

  it('asks, sees the answer grow, and comes back to it after a reload', async () => {
    const ada = await Person.member(browser, network.url, 'ada');
    const answer = app.upstream.next();
    await ada.say('Does this pass?');
    answer.write('It does, ');
    await ada.sees('It does,');
    await ada.page.reload();
    await ada.sees('It does,');
    answer.write('by polling.');
    answer.finish();
    await ada.answerEnds();
    expect(await ada.answerText()).to.equal('It does, by polling.');
    expect(network.upgrades).to.be.greaterThan(0);
    await ada.leave();
  });
});
