import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { echo } from '../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { holds, untilInCharge, WITH_WORKER } from './kept.js';
import { launchBrowser, Person } from './person.js';

const NEXT = 'feedfacecafe';
const NAMING = ['index.html', 'sw.js', 'build.txt'];

describe('A new version of the page', () => {
  let app: TestApp;
  let browser: Browser;
  let ada: Person;
  let directory: string;
  let serial = 0;

  /** The page's files as another build of them would be. */
  const buildNext = async () => {
    directory = await mkdtemp(join(tmpdir(), 'parley-test-page-'));
    await cp('public', directory, { recursive: true });
    const assets = join(directory, 'assets');
    const own = await readFile(join(assets, 'build.txt'), 'utf8');
    for (const name of NAMING) {
      const text = await readFile(join(assets, name), 'utf8');
      expect(text, name).to.include(own);
      await writeFile(join(assets, name), text.replaceAll(own, NEXT));
    }
    const packed = (await readdir(assets)).filter((name) =>
      /^(?:index|sw)\..*\.(?:br|gz)$/.test(name),
    );
    for (const name of packed) await rm(join(assets, name));
  };

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser(), buildNext()]);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    serial += 1;
    app.upstream.otherwise(echo());
    await app.restart();
    ada = await Person.member(browser, app.url, `next${serial}`, WITH_WORKER);
    await untilInCharge(ada.page);
  });
  afterEach(function () {
    return ada.leave(this.currentTest);
  });

  const buildOf = (page: Page) =>
    page.evaluate<string>('document.getElementById("app").dataset.build');
  /** The first document takes a new node longest. The worker would open the kept one after three seconds. */
  const serves = async () => {
    const { body } = await app.call<string>('/', { headers: { accept: 'text/html' } });
    expect(body).to.include(NEXT);
  };
  const offer = (page = ada.page) => page.getByText('A new version is ready.');

  it('is offered at the next connect and not forced, and keeps what was typed', async () => {
    const own = await buildOf(ada.page);
    await ada.composer.fill('half a thought');
    await app.restart({ publicDir: directory });
    await offer().waitFor();
    // The old page goes on.
    expect(await buildOf(ada.page)).to.equal(own);
    await ada.say('Still here');
    await ada.sees('Still here');
    await ada.answerEnds();
    await ada.composer.fill('half a thought');
    await serves();
    const loaded = ada.page.waitForEvent('load');
    await ada.page.getByRole('button', { name: 'Reload', exact: true }).click();
    await loaded;
    await ada.sees('Still here');
    expect(await buildOf(ada.page)).to.equal(NEXT);
    expect(await ada.composer.inputValue()).to.equal('half a thought');
    expect(await offer().count()).to.equal(0);
    await holds(ada.page, `caches.has('parley-page-${NEXT}')`);
    await holds(
      ada.page,
      `navigator.serviceWorker.getRegistration().then(({ installing, waiting, active }) =>
        installing === null && waiting === null && active.state === 'activated')`,
    );
    await app.halt();
    await ada.page.reload();
    await ada.page.locator('.shell').waitFor();
    expect(await buildOf(ada.page)).to.equal(NEXT);
  });

  it('is what opens after an update that no page has seen', async () => {
    await ada.page.goto('about:blank');
    await app.restart({ publicDir: directory });
    await serves();
    await ada.page.goto(app.url);
    await ada.composer.waitFor();
    expect(await buildOf(ada.page)).to.equal(NEXT);
    await ada.say('On the new one');
    await ada.answerEnds();
    expect(await offer().count()).to.equal(0);
  });

  it('can wait, and is not offered again by this page', async () => {
    await app.restart({ publicDir: directory });
    await offer().waitFor();
    await ada.page.getByRole('button', { name: 'Not now' }).click();
    await offer().waitFor({ state: 'detached' });
    await ada.page.locator('#composer:focus').waitFor();
    await app.restart({ publicDir: directory });
    await ada.say('Still here');
    await ada.answerEnds();
    expect(await offer().count()).to.equal(0);
  });

  it('is not offered where a reload would bring the same page', async () => {
    // The node that the socket reached is the only one that was updated.
    await ada.page.route('**/', async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace(NEXT, await buildOf(ada.page));
      await route.fulfill({ response, body });
    });
    const looked = ada.page.waitForResponse((response) => response.url() === `${app.url}/`);
    await app.restart({ publicDir: directory });
    await (await looked).finished();
    await ada.say('Still here');
    await ada.answerEnds();
    expect(await offer().count()).to.equal(0);
  });

  it('that speaks another protocol is asked for, and nothing is lost', async () => {
    await ada.page.routeWebSocket(/\/socket\.io\//, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((message) =>
        server.send(String(message).replace('"protocol":1', '"protocol":2')),
      );
    });
    await ada.page.reload();
    await ada.page.getByText('This page is older than the server.').waitFor();
    await ada.say('Do not lose this');
    await ada.page.getByText('Will be sent when you are back online').waitFor();
    await ada.page.unrouteAll();
    const page = await ada.openTab(app.url);
    await page.getByRole('link', { name: 'Do not lose this' }).waitFor();
    expect(await page.getByRole('heading', { name: 'Welcome back' }).count()).to.equal(0);
  });
});
