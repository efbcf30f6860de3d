import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { eventually } from '../../../lab/eventually.js';
import type { HeldAnswer } from '../../../lab/models/scripted-upstream.js';
import { FOR_BROWSERS, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { forgetAccounts } from '../../../lab/people/newcomer.js';
import { WITH_WORKER } from '../kept.js';
import { launchBrowser, PASSWORD, Person } from '../person.js';
import { settle } from './looks.js';
import { seedConversations } from './seeds.js';

/** WCAG asks for this width, which is also that of a screen of 1280 at a zoom of 400 %. */
const PHONE = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };
const DESKTOP = { viewport: { width: 1280, height: 800 } };

export const SIZES = { desktop: DESKTOP, phone: PHONE } as const;
export type Size = keyof typeof SIZES;

/** A server with an administrator, Ada, and conversations of hers that have everything an answer may hold. */
export interface Stage {
  app: TestApp;
  browser: Browser;
  /** Ids of Ada's conversations, by their titles. */
  conversations: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const [app, browser] = await Promise.all([
    startApp({ ...FOR_BROWSERS, OPENAI_MODELS: 'other-model' }),
    launchBrowser(),
  ]);
  await forgetAccounts(app);
  const ada = await app.register('Ada');
  await app.register('Grace');
  const conversations = await seedConversations(app, ada);
  const close = async () => {
    await browser.close();
    await app.stop();
  };
  return { app, browser, conversations, close };
}

/** A stage for all tests of a suite. The returned function is for tests and hooks. */
export function useStage(): () => Stage {
  let stage: Stage | undefined;
  before(async () => {
    stage = await openStage();
  });
  after(() => stage?.close());
  return () => {
    if (stage === undefined) throw new Error('The stage opens before the first test');
    return stage;
  };
}

/** Somebody logged in as Ada, and somebody who is not, on screens of one size. */
export interface Scene extends Stage {
  size: Size;
  /** The list is in a drawer, and a conversation has one menu. */
  isNarrow: boolean;
  member: Person;
  guest: Person;
  /** Ada in a browser that keeps the page and what she reads. Routes of tests do not see what its worker fetches. */
  traveller: Person | null;
  /** The answer that a state has left unfinished. It ends with the state. */
  held: HeldAnswer | null;
}

export async function openScene(
  stage: Stage,
  size: Size,
  more: BrowserContextOptions = {},
): Promise<Scene> {
  const options = { ...SIZES[size], ...more };
  const arrive = () => Person.arrive(stage.browser, stage.app.url, 'Ada', options);
  const [member, guest] = await Promise.all([arrive(), arrive()]);
  await logIn(member);
  return { ...stage, size, isNarrow: size === 'phone', member, guest, traveller: null, held: null };
}

async function logIn({ page, composer }: Person): Promise<void> {
  await page.getByLabel('Email').fill('Ada@example.com');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await composer.waitFor();
}

/** The traveller arrives with the first state that needs her, and leaves with the browser. */
export async function travellerOf(scene: Scene): Promise<Person> {
  if (scene.traveller !== null) return scene.traveller;
  const options = { ...SIZES[scene.size], ...WITH_WORKER };
  const traveller = await Person.arrive(scene.browser, scene.app.url, 'Ada', options);
  await logIn(traveller);
  scene.traveller = traveller;
  return traveller;
}

/** Goes to an address of the page without loading it again. */
export async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate((next) => {
    location.hash = next;
  }, hash);
}

/** Opens one of Ada's conversations, and waits for the end of its last answer. */
export async function openConversation(scene: Scene, title: string): Promise<void> {
  const { member, conversations } = scene;
  await goTo(member.page, `#/c/${conversations.get(title)}`);
  await member.page.getByRole('heading', { name: title, exact: true, level: 1 }).waitFor();
  await member.answers.last().locator('.answer-tools').waitFor({ state: 'attached' });
}

export async function openNewChat({ member }: Scene): Promise<void> {
  await goTo(member.page, '#/');
  await member.page.getByText('What would you like to talk about?').waitFor();
}

/** The list of conversations, which a phone has in its drawer. */
export async function openList({ member, isNarrow }: Scene): Promise<void> {
  if (!isNarrow) return;
  await member.page.getByRole('button', { name: 'Open conversations' }).click();
  await member.page.locator('.drawer-open').waitFor();
}

const OPEN = 'dialog[open], [role=menu], .drawer-open, .message-editor, .title-editor';

/**
 * Closes whatever a state has opened, as somebody with a keyboard does. The focus is in it. A field of a search takes the
 * key first, and the history closes the drawer in its own time.
 */
export async function clear({ member: { page } }: Scene): Promise<void> {
  const close = async () => {
    const open = await page.locator(OPEN).count();
    if (open > 0) {
      await page.keyboard.press('Escape');
      await settle(page);
    }
    return open;
  };
  await eventually(close, (open) => open === 0);
}
