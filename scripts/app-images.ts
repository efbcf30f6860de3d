/**
 * Makes the pictures of the web app's manifests: icons from our SVGs, and screenshots of the real page.
 * `npx tsx scripts/app-images.ts`, on a machine with a Chinese font.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { answer } from '../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../lab/nodes/app.js';
import type { Account } from '../lab/people/rest.js';
import { stopTestPostgres } from '../lab/stores/database.js';
import { english } from '../src/adapters/openai/demo/texts-en.js';
import { chinese } from '../src/adapters/openai/demo/texts-zh.js';
import { en } from '../src/web/i18n/en.js';
import { zh } from '../src/web/i18n/zh.js';
import { launchBrowser, Person } from '../test/browser/person.js';

const QUALITY = 0.82;
const GREEN = '#0f6b5c';
/** Shortcuts show these signs beside the mark of the product. */
const SIGNS = {
  new: '<path d="M12 6v12M6 12h12"/>',
  search: '<circle cx="11" cy="11" r="5.5"/><path d="M15.200 15.200l3.800 3.800"/>',
};

/** The page suggests these questions. */
const LANGUAGES = [
  { suffix: 'en', locale: 'en-US', name: 'Ada', asks: en.suggestions, prepared: english.prepared },
  { suffix: 'zh', locale: 'zh-CN', name: 'Lin', asks: zh.suggestions, prepared: chinese.prepared },
];
/** The index of the conversation that is shown. */
const SHOWN: Record<string, number> = { wide: 2, narrow: 0 };
const SIZES: Record<string, BrowserContextOptions> = {
  wide: { viewport: { width: 1280, height: 800 } },
  narrow: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true },
};

const at = (path: string) => new URL(`../public/${path}`, import.meta.url).pathname;

/** A square picture of an SVG. */
async function icon(browser: Browser, svg: string, size: number, file: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const scaled = svg.replace(
    '<svg ',
    `<svg style="display:block" width="${size}" height="${size}" `,
  );
  await page.setContent(`<body style="margin:0;background:transparent">${scaled}</body>`);
  await page.screenshot({ path: at(`icons/${file}`), omitBackground: true });
  await page.close();
}

async function icons(browser: Browser): Promise<void> {
  const [plain, maskable] = await Promise.all(
    ['icon.svg', 'icon-maskable.svg'].map((name) => readFile(at(`icons/${name}`), 'utf8')),
  );
  if (plain === undefined || maskable === undefined) return;
  for (const size of [192, 512]) await icon(browser, plain, size, `icon-${size}.png`);
  await icon(browser, maskable, 512, 'icon-maskable-512.png');
  // The system rounds the corners itself.
  await icon(browser, maskable, 180, 'icon-180.png');
  for (const [name, sign] of Object.entries(SIGNS)) {
    const drawn = `<g fill="none" stroke="#fff" stroke-width="2.200" stroke-linecap="round">${sign}</g>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="5.250" fill="${GREEN}"/>${drawn}</svg>`;
    await icon(browser, svg, 96, `${name}-96.png`);
  }
}

/** Playwright writes no WebP, and a browser does. */
async function screenshot(page: Page, file: string): Promise<void> {
  const png = (await page.screenshot()).toString('base64');
  const painter = await page.context().newPage();
  const webp = await painter.evaluate<string>(`new Promise((resolve) => {
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      canvas.getContext('2d').drawImage(image, 0, 0);
      resolve(canvas.toDataURL('image/webp', ${QUALITY}));
    };
    image.src = 'data:image/png;base64,${png}';
  })`);
  await writeFile(at(`screenshots/${file}`), Buffer.from(webp.split(',')[1] ?? '', 'base64'));
  await painter.close();
}

async function logIn(page: Page, { email, password }: Account): Promise<void> {
  await page.locator('input[type=email]').fill(email);
  await page.locator('input[type=password]').fill(password);
  await page.keyboard.press('Enter');
  await page.locator('#composer').waitFor();
}

async function ask(page: Page, text: string): Promise<void> {
  await page.locator('.new-chat').click();
  await page.locator('#composer').fill(text);
  await page.locator('.send-button').click();
  const tools = page.locator('.message-assistant .answer-tools');
  await tools.last().waitFor({ state: 'attached' });
}

/** Shows a conversation from its beginning. */
async function show(page: Page, title: string): Promise<void> {
  const link = page.locator('.conversations a', { hasText: title });
  await page.goto((await link.getAttribute('href')) ?? '');
  await page.locator('.answer-tools').last().waitFor({ state: 'attached' });
  await page.locator('.scroller').evaluate((element) => element.scrollTo(0, 0));
  await page.mouse.move(0, 0);
}

async function screenshots(browser: Browser, app: TestApp): Promise<void> {
  for (const { suffix, locale, name, asks, prepared } of LANGUAGES) {
    const account = await app.register(name);
    for (const [size, options] of Object.entries(SIZES)) {
      const { page, context } = await Person.arrive(browser, app.url, name, { ...options, locale });
      await logIn(page, account);
      for (const [i, { answer: text }] of size === 'wide' ? prepared.entries() : []) {
        app.upstream.script(answer([text]));
        await ask(page, asks[i] ?? '');
      }
      await show(page, asks[SHOWN[size] ?? 0] ?? '');
      await screenshot(page, `${size}-${suffix}.webp`);
      await context.close();
    }
  }
}

await mkdir(at('screenshots'), { recursive: true });
const [browser, app] = await Promise.all([launchBrowser(), startApp(FOR_BROWSERS)]);
try {
  await icons(browser);
  // The first account is the administrator's, whose page has more.
  await app.register('root');
  await screenshots(browser, app);
} finally {
  await browser.close();
  await app.stop();
  await stopTestPostgres();
}
