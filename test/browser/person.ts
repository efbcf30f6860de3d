import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  firefox,
  type Page,
} from 'playwright-core';
import { findChromium } from '../../lab/people/chromium.js';
import { FIREFOX_RELAY, findFirefox } from '../../lab/people/firefox.js';
import { coveredBrowser, coveredContext } from './page-coverage.js';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--in-process-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Said where a test allows no worker. */
const BLOCKED = 'Service Worker registration blocked by Playwright';

export const PASSWORD = 'SecurePass123!';

export async function launchBrowser(): Promise<Browser> {
  const executablePath = await findChromium();
  return coveredBrowser(await chromium.launch({ executablePath, args: FLAGS }));
}

/** Firefox as people have it, by WebDriver BiDi, in the dark. Playwright's name for that is the channel. */
export async function launchFirefox(): Promise<Browser> {
  const { PATH = '', HOME = '' } = process.env;
  return firefox.launch({
    channel: 'moz-firefox',
    executablePath: FIREFOX_RELAY,
    env: { PATH, HOME, FIREFOX_PROGRAM: await findFirefox() },
    firefoxUserPrefs: { 'layout.css.prefers-color-scheme.content-override': 0 },
  });
}

/** A browser with a profile of its own, which is no private window. */
export async function launchProfile(
  directory: string,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const launch = { executablePath: await findChromium(), args: FLAGS };
  return coveredContext(
    await chromium.launchPersistentContext(directory, { ...launch, ...options }),
  );
}

/** From now on the page's timers and frames wait for `page.clock`. Installed alone, that clock goes on by itself. */
export async function stopClock(page: Page): Promise<void> {
  await page.clock.install();
  // It can only be stopped in its future.
  await page.clock.pauseAt(Date.now() + 60_000);
}

/** The page's code runs after the event `load`. Until then it does not follow its address. */
const isShown = (page: Page) => page.locator('#app > *').first().waitFor({ state: 'attached' });

/** A profile of its own, as nobody has used it. Motion is for tests of motion: each frame of it costs CPU. */
async function openProfile(
  browser: Browser,
  url: string,
  options: BrowserContextOptions,
): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    reducedMotion: 'reduce',
    baseURL: url,
    // Requests of a worker pass by the routes of a test. Tests of the worker allow it.
    serviceWorkers: 'block',
    ...options,
  });
  // Shorter than a test's time-out, so that the failing step is named.
  context.setDefaultTimeout(25_000);
  return context;
}

/** Makes the cookies of this profile those of a new account. */
async function registerIn(context: BrowserContext, origin: string, name: string): Promise<unknown> {
  const data = { email: `${name}@example.com`, username: name, password: PASSWORD };
  const response = await context.request.post('/auth/register', { data, headers: { origin } });
  if (!response.ok()) throw new Error(`${name} has no account: ${await response.text()}`);
  const { user } = await response.json();
  return user;
}

/** Lets the next page that is loaded find the logged-in user, as an earlier page would have left it. */
async function rememberUser(page: Page, user: unknown): Promise<() => Promise<void>> {
  const cdp = await page.context().newCDPSession(page);
  const source = `localStorage.setItem('parley:user', ${JSON.stringify(JSON.stringify(user))})`;
  await cdp.send('Page.enable');
  const { identifier } = await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source });
  return async () => {
    await cdp.send('Page.removeScriptToEvaluateOnNewDocument', { identifier });
    await cdp.detach();
  };
}

/** Somebody in front of the page, in a browser profile of their own. */
export class Person {
  readonly page: Page;
  /** Output of the console that should not occur: errors, warnings, CSP violations, thrown exceptions. */
  readonly complaints: string[];
  readonly name: string;

  private constructor(page: Page, name: string, complaints: string[]) {
    this.page = page;
    this.name = name;
    this.complaints = complaints;
  }

  /** Somebody new. Their page has been loaded and shows the form to log in. */
  static async arrive(
    browser: Browser,
    url: string,
    name: string,
    options: BrowserContextOptions = {},
  ): Promise<Person> {
    return Person.#open(await openProfile(browser, url, options), name);
  }

  /** Somebody with an account who is logged in. Registering through the page takes more than twice the CPU. */
  static async member(
    browser: Browser,
    url: string,
    name: string,
    options: BrowserContextOptions = {},
  ): Promise<Person> {
    const context = await openProfile(browser, url, options);
    const user = await registerIn(context, url, name);
    const person = await Person.#open(context, name, user);
    await person.composer.waitFor();
    return person;
  }

  /** `user` is the one whom the page finds logged in. */
  static async #open(context: BrowserContext, name: string, user?: unknown): Promise<Person> {
    const page = await context.newPage();
    const person = new Person(page, name, []);
    person.#listen(page);
    const forget = user === undefined ? null : await rememberUser(page, user);
    await page.goto('/');
    await isShown(page);
    await forget?.();
    return person;
  }

  get context() {
    return this.page.context();
  }

  get answers() {
    return this.page.locator('.message-assistant');
  }

  get questions() {
    return this.page.locator('.message-user');
  }

  get composer() {
    return this.page.getByRole('textbox', { name: 'Message' });
  }

  async register(): Promise<void> {
    await this.page.getByRole('button', { name: 'Create account' }).click();
    await this.page.getByLabel('Email').fill(`${this.name}@example.com`);
    await this.page.getByLabel('Name').fill(this.name);
    await this.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await this.page.getByRole('button', { name: 'Create account' }).click();
    await this.composer.waitFor();
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** The last answer shows this text, anywhere in it. */
  async sees(text: string): Promise<void> {
    await this.answers.last().getByText(text).waitFor();
  }

  async answerEnds(): Promise<void> {
    await this.answers.last().locator('.answer-tools').waitFor({ state: 'attached' });
  }

  /** The text of the last answer, a single plain paragraph. */
  async answerText(): Promise<string> {
    const text = await this.answers.last().locator('.markdown').textContent();
    return text?.trimEnd() ?? '';
  }

  /** One of the choices of the settings, by its label. */
  async chooses(choice: string): Promise<void> {
    await this.page.getByRole('button', { name: /^(Settings|设置)$/ }).click();
    await this.page.getByRole('radio', { name: choice, exact: true }).check();
    await this.page.keyboard.press('Escape');
    await this.page.getByRole('dialog').waitFor({ state: 'detached' });
  }

  async logOut(): Promise<void> {
    await this.page.getByRole('button', { name: 'Log out' }).click();
    await this.page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  }

  /** Another tab of the same browser, at the same address. */
  secondTab(): Promise<Page> {
    return this.openTab(this.page.url());
  }

  /** Another tab of the same browser; the first may be closed. */
  async openTab(address: string): Promise<Page> {
    const page = await this.context.newPage();
    this.#listen(page);
    await page.goto(address);
    await isShown(page);
    return page;
  }

  /** Prints what the pages showed if the test failed. */
  async leave(test?: { state?: string | undefined }): Promise<void> {
    if (test?.state === 'failed') await this.#tell();
    await this.context.close();
  }

  async #tell(): Promise<void> {
    for (const page of this.context.pages()) {
      const text = await page.locator('body').innerText({ timeout: 2_000 }).catch(String);
      console.error(`${this.name} at ${page.url()} saw: ${JSON.stringify(text)}`);
    }
    console.error(`${this.name}'s console: ${JSON.stringify(this.complaints)}`);
  }

  #listen(page: Page): void {
    page.on('console', (message) => {
      const text = message.text();
      if (['error', 'warning'].includes(message.type()) && text !== BLOCKED)
        this.complaints.push(text);
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
  }
}
