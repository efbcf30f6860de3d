import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { eventually } from '../../lab/eventually.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../lab/nodes/app.js';
import { launchBrowser, Person } from '../browser/person.js';

/** Everything that a script on the page can read: storages, cookies, and values on `window`, including accessors. */
function readable(): Promise<string> {
  const texts: string[] = [document.cookie, document.documentElement.outerHTML];
  for (const storage of [localStorage, sessionStorage]) texts.push(JSON.stringify({ ...storage }));
  const seen = new Set<unknown>();
  const walk = (value: unknown, depth: number): void => {
    if (typeof value === 'string') texts.push(value);
    if (typeof value !== 'object' || value === null || seen.has(value) || depth > 5) return;
    seen.add(value);
    for (const key of Reflect.ownKeys(value)) {
      try {
        walk(Reflect.get(value, key), depth + 1);
      } catch {
        // Some of the browser's accessors refuse.
      }
    }
  };
  walk(window, 0);
  return Promise.resolve(texts.join('\n'));
}

/** Acts like an attacker who got past the sanitizer. Returns how much of it ran. Refusals may throw. */
async function smuggle(): Promise<number> {
  const element = (name: string, attribute: string, value: string) => {
    const made = document.body.appendChild(document.createElement(name));
    made.setAttribute(attribute, value);
    return made;
  };
  const attempts = [
    () => {
      const script = document.createElement('script');
      script.append('window.smuggled = 1');
      document.body.append(script);
    },
    () => element('script', 'src', 'data:text/javascript,window.smuggled = 2'),
    () => element('img', 'onerror', 'window.smuggled = 3').setAttribute('src', '/none'),
    () => element('a', 'href', 'javascript:window.smuggled=4').click(),
    () => element('iframe', 'srcdoc', '<script>parent.smuggled = 5</script>'),
    () => element('div', 'style', 'position: fixed; inset: 0'),
    () => element('style', 'type', 'text/css').append('body { display: none }'),
    () => element('img', 'src', 'https://evil.example/x.png'),
    () => fetch('https://evil.example/'),
  ];
  for (const attempt of attempts) {
    try {
      await attempt();
    } catch {
      // Some are refused at once.
    }
  }
  return Number(Reflect.get(window, 'smuggled') ?? 0);
}

/** The loader of the tests marks named functions with a helper that pages lack. */
const inPage = async <T>(page: Page, run: () => Promise<T>): Promise<T> => {
  await page.evaluate('globalThis.__name = (named) => named');
  return page.evaluate(run);
};

const refusals = (page: Page): string[] => {
  const found: string[] = [];
  page.on('console', (message) => found.push(message.text()));
  page.on('pageerror', (error) => found.push(String(error)));
  return found;
};

describe('the page', () => {
  let app: TestApp;
  let browser: Browser;

  before(async () => {
    [app, browser] = await Promise.all([startApp(FOR_BROWSERS), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.stop();
  });

  it('is sent with headers that keep it to itself', async () => {
    const { headers } = await app.call('/', { headers: { accept: 'text/html' } });
    const policy = headers.get('content-security-policy') ?? '';
    const directives = new Map(
      policy.split(';').map((text) => {
        const [name = '', ...values] = text.trim().split(' ');
        return [name, values] as const;
      }),
    );
    expect(policy).to.not.match(/unsafe|\*|https?:/);
    for (const name of ['default-src', 'script-src', 'style-src', 'form-action']) {
      expect(directives.get(name), name).to.deep.equal(["'self'"]);
    }
    for (const name of ['base-uri', 'object-src', 'frame-ancestors', 'script-src-attr']) {
      expect(directives.get(name), name).to.deep.equal(["'none'"]);
    }
    expect(directives.get('require-trusted-types-for')).to.deep.equal(["'script'"]);
    expect(Object.fromEntries(headers)).to.include({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
    });
    expect(headers.has('x-powered-by')).to.equal(false);
  });

  it('has no token that script could read, neither there nor in any answer', async () => {
    const ada = await Person.arrive(browser, app.url, 'ada');
    const answers: Promise<string>[] = [];
    ada.page.on('response', (response) => {
      answers.push(response.text().catch(() => ''));
    });
    await ada.register();
    await ada.say('hello');
    await ada.answerEnds();
    const cookies = await ada.context.cookies();
    expect(
      cookies.map(({ name, path, httpOnly, sameSite }) => [name, path, httpOnly, sameSite]),
    ).to.have.deep.members([
      ['access_token', '/', true, 'Lax'],
      ['refresh_token', '/auth', true, 'Lax'],
    ]);
    const texts = [await inPage(ada.page, readable), ...(await Promise.all(answers))].join('\n');
    expect(texts).to.include('ada@example.com');
    for (const { value } of cookies) {
      const [head = '', body = '', signature = ''] = value.split('.');
      for (const part of [body, signature]) expect(texts).to.not.include(part);
      expect(head).to.not.equal('');
    }
    expect(texts).to.not.match(/eyJ[\w-]+\.eyJ/);
    await ada.leave();
  });

  it('runs no script, style or frame that gets past the sanitizer, and asks nobody else', async () => {
    const eve = await Person.arrive(browser, app.url, 'eve');
    await eve.register();
    const said = refusals(eve.page);
    expect(await inPage(eve.page, smuggle)).to.equal(0);
    expect(await eve.composer.isVisible()).to.equal(true);
    for (const directive of ['script-src', 'style-src', 'img-src', 'connect-src']) {
      const told = () => said.some((text) => text.includes(directive));
      await eventually(told, (known) => known);
    }
    await eve.leave();
  });

  it('turns text into markup only through the sanitizer', async () => {
    const bob = await Person.arrive(browser, app.url, 'bob');
    const refused = await bob.page.evaluate(() => {
      const attempts = [
        () => Object.assign(document.createElement('p'), { innerHTML: '<b>x</b>' }),
        () => document.body.insertAdjacentHTML('beforeend', '<b>x</b>'),
        () => Reflect.get(window, 'trustedTypes').createPolicy('other', {}),
      ];
      return attempts.filter((attempt) => {
        try {
          attempt();
          return false;
        } catch {
          return true;
        }
      }).length;
    });
    expect(refused).to.equal(3);
    await bob.leave();
  });
});
