import { gpt, simple } from '../../support/foreign-files.js';
import { PASSWORD } from '../person.js';
import { openConversation, openList, openNewChat, type Scene } from './scene.js';
import type { State } from './state.js';

const FILE = {
  name: 'conversations.json',
  mimeType: 'application/json',
  buffer: Buffer.from(JSON.stringify([simple('1'), gpt('2', [])])),
};

const dialog = ({ member: { page } }: Scene, name: string) => page.getByRole('dialog', { name });

async function openAccount(scene: Scene) {
  await openNewChat(scene);
  await openList(scene);
  await scene.member.page.getByRole('button', { name: 'Ada, Account' }).click();
  const account = dialog(scene, 'Account');
  await account.getByText('This device').waitFor();
  await account.getByRole('heading', { name: 'Usage' }).waitFor();
  return account;
}

/** A form of the account dialog, opened by a button that also sends it. */
async function openForm(scene: Scene, opener: string) {
  const account = await openAccount(scene);
  await account.getByRole('button', { name: opener, exact: true }).click();
  return account.locator('form', {
    has: scene.member.page.getByRole('button', { name: 'Cancel' }),
  });
}

const ACCOUNT: readonly State[] = [
  {
    name: 'the account',
    who: 'member',
    async show(scene) {
      await scene.app.rows('UPDATE roles SET tokens_per_day = 100000');
      const account = await openAccount(scene);
      await account.getByRole('meter').first().waitFor();
      await account.getByText('Show as a table').click();
    },
    leave: async ({ app }) => void (await app.rows('UPDATE roles SET tokens_per_day = NULL')),
  },
  {
    name: 'a new key, and the form for another',
    who: 'member',
    async show(scene) {
      const form = await openForm(scene, 'Create key');
      await form.getByLabel('Name', { exact: true }).fill('nightly');
      await form.getByRole('button', { name: 'Create key' }).click();
      const account = dialog(scene, 'Account');
      await account.getByRole('textbox', { name: 'Your new key' }).waitFor();
      await account.getByText('Not used yet').first().waitFor();
    },
  },
  {
    name: 'a refused key',
    who: 'member',
    async show(scene) {
      const form = await openForm(scene, 'Create key');
      await form.getByLabel('Name', { exact: true }).fill('nothing');
      await form.getByLabel('ask, and read its answers').uncheck();
      await form.getByRole('button', { name: 'Create key' }).click();
      await form.getByRole('alert').getByText('choose what the program may do').waitFor();
    },
  },
  {
    name: 'a refused webhook',
    who: 'member',
    async show(scene) {
      const form = await openForm(scene, 'Add webhook');
      await form.getByLabel('Address', { exact: true }).fill('https://127.0.0.1/parley');
      await form.getByRole('button', { name: 'Add webhook' }).click();
      await form.getByRole('alert').getByText('network of the server').waitFor();
    },
  },
  {
    name: 'a new webhook',
    who: 'member',
    async show(scene) {
      const form = await openForm(scene, 'Add webhook');
      await form.getByLabel('Address', { exact: true }).fill('https://hooks.invalid/parley');
      await form.getByRole('button', { name: 'Add webhook' }).click();
      await dialog(scene, 'Account').getByRole('textbox', { name: 'Signing secret' }).waitFor();
    },
  },
  {
    name: 'a refused change of the password',
    who: 'member',
    async show(scene) {
      const form = await openForm(scene, 'Change password');
      await form.getByLabel('Current password', { exact: true }).fill('not this one');
      await form.getByLabel('New password', { exact: true }).fill(PASSWORD);
      await form.getByRole('button', { name: 'Change password' }).click();
      await form.getByRole('alert').getByText('not your current password').waitFor();
    },
  },
  {
    name: 'the form to delete the account',
    who: 'member',
    async show(scene) {
      const form = await openForm(scene, 'Delete account');
      await form.getByRole('textbox').waitFor();
    },
  },
  {
    name: 'the report of an import',
    who: 'member',
    async show(scene) {
      const account = await openAccount(scene);
      await account.locator('input[type=file]').setInputFiles(FILE);
      await account
        .getByText(/^(Imported 1|Already here)/)
        .or(account.getByText('Not imported: 1'))
        .first()
        .waitFor();
      await account.getByText('Details').click();
      await account.getByText('no messages').waitFor();
    },
  },
];

const open = (name: string, key: string, title: string): State => ({
  name,
  who: 'member',
  async show(scene) {
    await openNewChat(scene);
    await scene.member.page.keyboard.press(key);
    await dialog(scene, title).waitFor();
  },
});

async function type({ member: { page } }: Scene, words: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.locator('.palette').getByRole('combobox').fill(words);
}

/** The dialogs that lie over the page. */
export const DIALOG_STATES: readonly State[] = [
  ...ACCOUNT,
  {
    name: 'the settings',
    who: 'member',
    async show(scene) {
      await openNewChat(scene);
      await openList(scene);
      await scene.member.page.getByRole('button', { name: 'Settings', exact: true }).click();
      await dialog(scene, 'Settings').waitFor();
    },
  },
  open('the shortcuts', 'Control+/', 'Keyboard shortcuts'),
  open('the command palette', 'Control+k', 'Command palette'),
  {
    name: 'the command palette with what it found',
    who: 'member',
    async show(scene) {
      await openNewChat(scene);
      await type(scene, 'rainbow');
      await dialog(scene, 'Command palette').locator('mark').first().waitFor();
    },
  },
  {
    name: 'the command palette that found nothing',
    who: 'member',
    async show(scene) {
      await openNewChat(scene);
      await type(scene, 'zzz nothing');
      await dialog(scene, 'Command palette').getByText('Nothing found').waitFor();
    },
  },
  {
    name: 'the model and settings of a conversation',
    who: 'member',
    async show(scene) {
      await openConversation(scene, 'Two versions');
      const { page } = scene.member;
      if (scene.isNarrow) await page.getByRole('button', { name: 'More', exact: true }).click();
      await page
        .locator('.thread-header')
        .getByRole(scene.isNarrow ? 'menuitem' : 'button', { name: 'Model and settings' })
        .click();
      await dialog(scene, 'Model and settings').getByLabel('Temperature').waitFor();
    },
  },
  {
    name: 'a question before something is deleted',
    who: 'member',
    async show(scene) {
      await openConversation(scene, 'Two versions');
      await scene.member.page.getByRole('button', { name: 'Delete answer' }).last().click();
      await dialog(scene, 'Delete this answer?').waitFor();
    },
  },
];
