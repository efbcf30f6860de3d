import type { Page, Route } from 'playwright-core';
import { untilKept } from '../kept.js';
import type { Person } from '../person.js';
import { goTo, type Scene, travellerOf } from './scene.js';
import type { State } from './state.js';

/** Gives the page the document of another build. */
async function olderDocument(route: Route): Promise<void> {
  if (!route.request().isNavigationRequest()) return route.continue();
  const response = await route.fetch();
  const body = (await response.text()).replace(/data-build="\w+"/, 'data-build="0ld"');
  await route.fulfill({ response, body });
}

async function reload({ page }: Person): Promise<void> {
  await page.reload();
  await page.locator('.shell').waitFor();
}

/** Somebody without a network, whose browser has kept one conversation. */
async function openCopy(scene: Scene): Promise<Page> {
  const traveller = await travellerOf(scene);
  const { page } = traveller;
  await goTo(page, `#/c/${scene.conversations.get('Two versions')}`);
  await traveller.answerEnds();
  await untilKept(page, (kept) => kept.includes('Two versions, please'));
  await traveller.context.setOffline(true);
  await reload(traveller);
  return page;
}

async function comeBack(scene: Scene): Promise<void> {
  const { context, page } = await travellerOf(scene);
  await context.setOffline(false);
  await page.locator('.copy-note').waitFor({ state: 'detached' });
  await page.locator('.banner').waitFor({ state: 'detached' });
}

/** The additions of the service worker: notices of new versions, and copies. */
export const AWAY_STATES: readonly State[] = [
  {
    name: 'a new version that is offered',
    who: 'member',
    async show(scene) {
      const { page } = scene.member;
      await page.route(`${scene.app.url}/`, olderDocument);
      await goTo(page, '#/');
      await reload(scene.member);
      await page.getByText('A new version is ready.').waitFor();
    },
    async leave(scene) {
      await scene.member.page.unrouteAll();
      await reload(scene.member);
    },
  },
  {
    name: 'a conversation that was kept, without a server',
    who: 'traveller',
    async show(scene) {
      const page = await openCopy(scene);
      await page.getByText(/^Saved on this device/).waitFor();
    },
    leave: comeBack,
  },
  {
    name: 'a conversation that was not kept, without a server',
    who: 'traveller',
    async show(scene) {
      const page = await openCopy(scene);
      await goTo(page, '#/c/999998');
      await page.getByText('This conversation is not saved on this device.').waitFor();
    },
    leave: comeBack,
  },
];
