import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, BrowserContext } from 'playwright-core';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, launchProfile, Person } from './person.js';

interface Picture {
  src: string;
  type: string;
  sizes: string;
  purpose?: string;
  form_factor?: string;
  label?: string;
}

interface Manifest {
  id: string;
  name: string;
  description: string;
  lang: string;
  start_url: string;
  display: string;
  icons: Picture[];
  screenshots: Picture[];
  shortcuts: { name: string; url: string; icons: Picture[] }[];
}

const LANGUAGES = [
  ['en-US', '/manifest.webmanifest', 'New chat'],
  ['zh-CN', '/manifest.zh-CN.webmanifest', '新对话'],
] as const;

describe('The page as an installed app', () => {
  let app: TestApp;
  let browser: Browser;
  const profiles: string[] = [];

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
    // Not at once: a browser that was closed may still write there.
    for (const directory of profiles) await rm(directory, { recursive: true, force: true });
  });

  for (const [locale, address, newChat] of LANGUAGES) {
    it(`has a manifest in ${locale} that Chromium finds nothing wrong with`, async () => {
      // Nothing can be installed from the contexts of a test, which are private windows.
      const directory = await mkdtemp(join(tmpdir(), 'parley-test-profile-'));
      profiles.push(directory);
      const context: BrowserContext = await launchProfile(directory, { locale });
      try {
        const page = await context.newPage();
        await page.goto(app.url, { waitUntil: 'networkidle' });
        const cdp = await context.newCDPSession(page);
        const { url, errors, data = '{}' } = await cdp.send('Page.getAppManifest');
        expect([url, errors]).to.deep.equal([app.url + address, []]);
        // The headless shell has none whatever the manifest is, so the criteria are looked at below, too.
        const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors');
        expect(installabilityErrors).to.deep.equal([]);
        const manifest = JSON.parse(data) as Manifest;
        expect(manifest).to.deep.include({
          ...{ id: '/', start_url: '/', scope: '/', display: 'standalone' },
          ...{ name: 'Parley', short_name: 'Parley' },
        });
        expect(manifest.description).to.match(locale === 'en-US' ? /^Your answer/ : /^无论/);
        expect(manifest).to.not.have.property('prefer_related_applications');
        expect(manifest.lang).to.equal(locale.startsWith('en') ? 'en' : locale);
        expect(manifest.shortcuts[0]?.name).to.equal(newChat);
      } finally {
        await context.close();
      }
    });
  }

  it('has icons and screenshots of the sizes that it says', async () => {
    const page = await browser.newPage({ baseURL: app.url });
    await page.goto('/');
    const sizeOf = (src: string) =>
      page.evaluate<string>(`new Promise((resolve) => {
        const image = new Image();
        image.onload = () => resolve(image.naturalWidth + 'x' + image.naturalHeight);
        image.onerror = () => resolve('broken');
        image.src = ${JSON.stringify(src)};
      })`);
    for (const [, address] of LANGUAGES) {
      const { headers, body } = await app.call<Manifest>(address);
      expect(headers.get('content-type')).to.match(/^application\/manifest\+json/);
      const { icons, screenshots, shortcuts } = (
        typeof body === 'string' ? JSON.parse(body) : body
      ) as Manifest;
      const all = [...icons, ...screenshots, ...shortcuts.flatMap((one) => one.icons)];
      for (const { src, sizes, type } of all) {
        const { status, headers: told } = await app.call(src);
        expect([status, told.get('content-type')], src).to.deep.equal([200, type]);
        if (sizes !== 'any') expect(await sizeOf(src), src).to.equal(sizes);
      }
      const sizesOf = (purpose?: string) =>
        icons.filter((icon) => icon.purpose === purpose).map(({ sizes }) => sizes);
      expect(sizesOf()).to.include.members(['192x192', '512x512']);
      expect(sizesOf('maskable')).to.include('512x512');
      const forms = screenshots.map(({ form_factor }) => form_factor);
      expect(forms).to.have.members(['wide', 'narrow']);
    }
    await page.context().close();
  });

  it('has shortcuts to a new conversation and to the search', async () => {
    const ada = await Person.member(browser, app.url, 'shortcuts');
    await ada.say('First');
    await ada.answerEnds();
    const { body } = await app.call<Manifest>('/manifest.webmanifest');
    const { shortcuts } = (typeof body === 'string' ? JSON.parse(body) : body) as Manifest;
    const [newChat, search] = shortcuts.map(({ url }) => url);
    await ada.page.goto(search ?? '');
    const field = ada.page.getByRole('textbox', { name: 'Search conversations' });
    await field.and(ada.page.locator(':focus')).waitFor();
    await ada.page.setViewportSize({ width: 390, height: 844 });
    await ada.page.reload();
    await ada.composer.waitFor();
    await ada.page.goto(search ?? '');
    await field.and(ada.page.locator(':focus')).waitFor();
    await ada.page.goto(newChat ?? '');
    await ada.page.getByRole('heading', { name: 'Hello, shortcuts.' }).waitFor();
    await ada.leave();
  });
});
