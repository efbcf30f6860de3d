import type { Page } from 'playwright-core';
import type { NewInvitation } from '../../../src/contract/invitations.js';
import { PASSWORD } from '../person.js';
import { goTo, type Scene } from './scene.js';
import type { State } from './state.js';

const heading = (page: Page, name: string) => page.getByRole('heading', { name }).waitFor();

/** The form to log in, new. */
async function arrive({ guest: { page } }: Scene): Promise<void> {
  await page.goto('/#/');
  await page.reload();
  await heading(page, 'Welcome back');
}

async function invite({ app }: Scene, email: string): Promise<string> {
  const { body: tokens } = await app.call<{ access_token: string }>('/auth/login', {
    body: { email: 'Ada@example.com', password: PASSWORD },
  });
  const { body } = await app.call<NewInvitation>('/admin/invitations', {
    token: tokens.access_token,
    body: { email },
  });
  return new URL(body.url).hash;
}

/** The page of a person who is not logged in. */
export const GUEST_STATES: readonly State[] = [
  { name: 'the form to log in', who: 'guest', show: arrive },
  {
    name: 'a refused login',
    who: 'guest',
    async show(scene) {
      await arrive(scene);
      const { page } = scene.guest;
      await page.getByLabel('Email').fill('nobody@example.com');
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByRole('button', { name: 'Log in', exact: true }).click();
      await page.getByRole('alert').getByText('do not match').waitFor();
    },
  },
  {
    name: 'the form to create an account',
    who: 'guest',
    async show(scene) {
      await arrive(scene);
      const { page } = scene.guest;
      await page.getByRole('button', { name: 'Create account' }).click();
      await heading(page, 'Create your account');
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByRole('button', { name: 'Show password' }).click();
    },
  },
  {
    name: 'an invitation',
    who: 'guest',
    async show(scene) {
      await arrive(scene);
      await goTo(scene.guest.page, await invite(scene, `${scene.size}@example.com`));
      await heading(scene.guest.page, 'You are invited');
    },
  },
  {
    name: 'an invitation that is not one',
    who: 'guest',
    async show(scene) {
      await arrive(scene);
      await goTo(scene.guest.page, '#/invitation/not-one');
      await scene.guest.page.getByRole('alert').getByText('does not exist').waitFor();
    },
  },
  {
    name: 'the form for the first account',
    who: 'guest',
    async show(scene) {
      const { page } = scene.guest;
      await page.route('**/auth/registration', (route) =>
        route.fulfill({ json: { registration: 'first' } }),
      );
      await page.goto('/#/');
      await page.reload();
      await heading(page, 'Create the administrator’s account');
    },
    leave: ({ guest }) => guest.page.unroute('**/auth/registration'),
  },
];

/**
 * Leaves the first entries of each part: all are made by the same code, and axe would need a minute for the hundreds of
 * them. What is out of sight is rendered, too, for the browser would not keep its colours up to date.
 */
async function thinOut(page: Page): Promise<void> {
  await page.locator('html[data-scripted]').waitFor();
  await page.evaluate(() => {
    for (const entry of document.querySelectorAll('main article:nth-of-type(n + 2)'))
      entry.remove();
    for (const item of document.querySelectorAll('.contents li:nth-of-type(n + 4)')) item.remove();
    for (const more of document.querySelectorAll('details')) more.open = true;
    const rendered = new CSSStyleSheet();
    rendered.replaceSync('* { content-visibility: visible !important; }');
    document.adoptedStyleSheets = [rendered];
  });
}

const reference = (language: 'en' | 'zh'): State => ({
  name: `the reference page in ${language}`,
  who: 'guest',
  async show({ guest: { page } }) {
    await page.goto(`/docs?language=${language}`);
    await thinOut(page);
  },
});

/** The page that is not the chat's. */
export const REFERENCE_STATES: readonly State[] = [
  reference('en'),
  reference('zh'),
  {
    name: 'the contents of the reference page',
    who: 'guest',
    async show(scene) {
      const { page } = scene.guest;
      await page.goto('/docs?language=en');
      await thinOut(page);
      if (scene.isNarrow) await page.getByRole('button', { name: 'Contents' }).click();
      await page.getByRole('searchbox').fill('no such thing at all');
      await page.getByText('Nothing has all these words.').waitFor();
    },
  },
];
