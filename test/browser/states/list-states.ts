import { openConversation, openList, openNewChat, type Scene } from './scene.js';
import type { State } from './state.js';

const box = ({ member: { page } }: Scene) =>
  page.getByRole('textbox', { name: 'Search conversations' });

async function search(scene: Scene, words: string): Promise<void> {
  await openNewChat(scene);
  await openList(scene);
  await box(scene).fill(words);
}

const forget = async (scene: Scene): Promise<void> => {
  await scene.member.page.locator('#search').evaluate((field) => {
    if (!(field instanceof HTMLInputElement)) return;
    field.value = '';
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await scene.member.page.locator('.result').first().waitFor({ state: 'detached' });
};

/** The list of conversations. On a phone it is a drawer. */
export const LIST_STATES: readonly State[] = [
  {
    name: 'the list of conversations',
    who: 'member',
    async show(scene) {
      await openConversation(scene, 'Two versions');
      await openList(scene);
      await scene.member.page.getByRole('link', { name: 'Two versions' }).waitFor();
    },
  },
  {
    name: 'the menu of a conversation in the list',
    who: 'member',
    async show(scene) {
      await openNewChat(scene);
      await openList(scene);
      const row = scene.member.page.locator('.row-line', { hasText: 'A failed answer' });
      await row.hover();
      await row.getByRole('button').click();
      await scene.member.page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'a title that is edited in the list',
    who: 'member',
    async show(scene) {
      await openNewChat(scene);
      await openList(scene);
      await scene.member.page.getByRole('link', { name: 'A failed answer' }).focus();
      await scene.member.page.keyboard.press('F2');
      await scene.member.page.getByRole('textbox', { name: 'Title of the conversation' }).waitFor();
    },
  },
  {
    name: 'what a search found',
    who: 'member',
    async show(scene) {
      await search(scene, 'rainbow');
      await scene.member.page.locator('.result mark').first().waitFor();
    },
    leave: forget,
  },
  {
    name: 'a search that found nothing',
    who: 'member',
    async show(scene) {
      await search(scene, 'zzz nothing');
      await scene.member.page.getByText('Nothing found').waitFor();
    },
    leave: forget,
  },
  {
    name: 'the archive',
    who: 'member',
    async show(scene) {
      await openNewChat(scene);
      await openList(scene);
      await scene.member.page.getByRole('button', { name: 'Archived conversations' }).click();
      await scene.member.page.getByRole('link', { name: 'An archived one' }).waitFor();
    },
    leave: async ({ member: { page } }) => {
      await page
        .locator('.archive-top button')
        .evaluate((button) => (button as HTMLElement).click());
    },
  },
];
