/** Takes the screenshots of the README from the real product with the demo model: `npx tsx scripts/readme-images.ts`. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { startProduct } from '../lab/nodes/process.js';
import { registerAt } from '../lab/people/rest.js';
import { launchBrowser, Person } from '../test/browser/person.js';

interface Shot {
  file: string;
  name: string;
  asks: string[];
  options: BrowserContextOptions;
}

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true };
const DESKTOP = { viewport: { width: 1280, height: 800 } };

const SHOTS: Shot[] = [
  {
    file: 'chat-desktop-light.png',
    name: 'Ada',
    asks: ['Explain how rainbows form', 'Can I see a table?'],
    options: { ...DESKTOP, colorScheme: 'light' },
  },
  {
    file: 'chat-desktop-dark.png',
    name: 'Grace',
    asks: ['Show me some code'],
    options: { ...DESKTOP, colorScheme: 'dark' },
  },
  {
    file: 'chat-phone-dark.png',
    name: 'Edsger',
    asks: ['What can you do?'],
    options: { ...PHONE, colorScheme: 'dark' },
  },
  {
    file: 'chat-phone-light.png',
    name: 'Barbara',
    asks: ['Write a short list'],
    options: { ...PHONE, colorScheme: 'light' },
  },
];

const out = new URL('../docs/images/', import.meta.url).pathname;
const dataDir = await mkdtemp(join(tmpdir(), 'parley-shots-'));
await mkdir(out, { recursive: true });
const product = await startProduct({ DATA_DIR: dataDir });
// The first account is the administrator's, who is greeted differently.
await registerAt(product.url, 'root');
const browser = await launchBrowser();
try {
  for (const { file, name, asks, options } of SHOTS) {
    const person = await Person.arrive(browser, product.url, name, options);
    await person.register();
    for (const [i, ask] of asks.entries()) {
      await person.composer.fill(ask);
      await person.page.getByRole('button', { name: 'Send' }).click();
      await person.answers.nth(i).locator('.answer-tools').waitFor({ state: 'attached' });
    }
    await person.page.screenshot({ path: join(out, file) });
    await person.context.close();
  }
} finally {
  await browser.close();
  await product.stop();
  await rm(dataDir, { recursive: true, force: true });
}
