import { expect } from 'chai';
import type { Locator } from 'playwright-core';
import { eventually } from '../../lab/eventually.js';
import { PASSWORD } from './person.js';
import {
  clear,
  goTo,
  openConversation,
  openList,
  openNewChat,
  openScene,
  type Scene,
  SIZES,
  type Size,
  useStage,
} from './states/scene.js';

for (const size of Object.keys(SIZES) as Size[])
  describe(`the focus on a ${size}`, () => {
    const stage = useStage();
    let scene: Scene;

    before(async () => {
      scene = await openScene(stage(), size);
    });
    afterEach(async function () {
      if (this.currentTest?.state === 'failed')
        console.error(await focused(), scene.member.page.url());
      await clear(scene);
    });

    const page = () => scene.member.page;
    const button = (name: string) => page().getByRole('button', { name, exact: true });
    const isOn = (place: Locator) => place.and(page().locator(':focus')).waitFor();
    const focused = () =>
      page().evaluate(() => {
        const { tagName, className, id } = document.activeElement ?? document.body;
        return `${tagName.toLowerCase()}#${id}.${className}`;
      });
    /** The focus belongs in the box, or in the thread where the box would open a keyboard over it. */
    const isInThread = () =>
      size === 'phone'
        ? isOn(page().locator('.scroller, .empty'))
        : isOn(page().getByRole('textbox', { name: 'Message', exact: true }));
    /** An action of the open conversation, which a phone has in the menu. */
    const act = async (name: string) => {
      if (scene.isNarrow) await button('More').click();
      const header = page().locator('.thread-header');
      await header.getByRole(scene.isNarrow ? 'menuitem' : 'button', { name, exact: true }).click();
    };
    const opener = (name: string) => (scene.isNarrow ? button('More') : button(name));
    const isOnOpener = (name: string) =>
      isOn(
        page()
          .locator('.thread-header')
          .getByRole('button', { name, exact: true })
          .or(opener(name))
          .first(),
      );
    const ask = async (text: string) => {
      await scene.member.composer.fill(text);
      await button('Send').click();
    };

    it('is in the thread after logging in', () => isInThread());

    it('returns to where renaming began, saved or not', async () => {
      await openConversation(scene, 'A failed answer');
      const title = page().getByRole('textbox', { name: 'Title of the conversation' });
      for (const key of ['Escape', 'Enter']) {
        await act('Rename');
        await isOn(title);
        await title.press(key);
        await title.waitFor({ state: 'detached' });
        await isOnOpener(scene.isNarrow ? 'More' : 'Rename');
      }
      await openList(scene);
      const row = page().getByRole('link', { name: 'A failed answer' });
      await row.press('F2');
      await title.press('Escape');
      await isOn(row);
    });

    it('is in the thread after a conversation was deleted, and after that was undone', async () => {
      await openConversation(scene, 'A failed answer');
      await act('Delete');
      await page().getByText('Deleted.').waitFor();
      await isInThread();
      await button('Undo').click();
      await page().getByRole('heading', { name: 'A failed answer', level: 1 }).waitFor();
      await isInThread();
    });

    it('is in the thread after a suggestion, a stop, a new answer and the end of it', async () => {
      const held = scene.app.upstream.next();
      await openNewChat(scene);
      await page().locator('.suggestion').first().click();
      held.write('Some words');
      await scene.member.sees('Some words');
      await isInThread();
      await button('Stop').press('Enter');
      await button('Continue').waitFor();
      await isInThread();
      await button('Answer again').press('Enter');
      await scene.member.sees('Hello there.');
      await scene.member.answerEnds();
      await isInThread();
    });

    it('stays with the arrows between versions, and is in the thread after a message was deleted', async () => {
      await openNewChat(scene);
      await ask('To be deleted');
      await scene.member.answerEnds();
      await button('Answer again').click();
      await page().getByText('2 / 2').waitFor();
      await scene.member.answerEnds();
      await button('Previous version').press('Enter');
      await page().getByText('1 / 2').waitFor();
      await isOn(button('Next version'));
      await button('Delete answer').click();
      const dialog = page().getByRole('dialog');
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await isOn(button('Delete answer'));
      await button('Delete answer').click();
      await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
      await page().getByRole('dialog').waitFor({ state: 'detached' });
      await page().getByText('1 / 2').waitFor({ state: 'detached' });
      await isInThread();
    });

    it('is in the thread after editing, given up or saved', async () => {
      await openNewChat(scene);
      await ask('Edited');
      await scene.member.answerEnds();
      const editor = page().getByRole('textbox', { name: 'Edit question' });
      for (const end of ['Cancel', 'Save only']) {
        await scene.member.questions.last().hover();
        await button('Edit question').click();
        await isOn(editor);
        await editor.fill('Edited again');
        await button(end).click();
        await editor.waitFor({ state: 'detached' });
        await isInThread();
      }
    });

    it('is in the thread after the way to the end, and after a conversation that is gone', async () => {
      await openConversation(scene, 'Everything in one answer');
      await page()
        .locator('.scroller')
        .evaluate((element) => element.scrollTo(0, 0));
      await button('Jump to the latest message').click();
      await isInThread();
      await goTo(page(), '#/c/999999');
      await page().getByRole('heading', { name: 'Conversation not found' }).waitFor();
      await page().locator('main').getByRole('button', { name: 'New chat' }).last().click();
      await page().getByText('What would you like to talk about?').waitFor();
      await isInThread();
    });

    it('goes into the archive and back', async () => {
      await openNewChat(scene);
      await openList(scene);
      await button('Archived conversations').press('Enter');
      await isOn(button('Back to all conversations'));
      await button('Back to all conversations').press('Enter');
      await isOn(button('Archived conversations'));
    });

    it('returns from the drawer, from each dialog and each menu to what opened it', async () => {
      await openConversation(scene, 'Two versions');
      if (scene.isNarrow) {
        await button('Open conversations').click();
        await button('Close conversations').first().press('Enter');
        await isOn(button('Open conversations'));
      }
      await button('More').press('Enter');
      await page().getByRole('menu').waitFor();
      await page().keyboard.press('Escape');
      await isOn(button('More'));
      await act('Model and settings');
      await page().getByRole('dialog').getByRole('button', { name: 'Cancel' }).press('Enter');
      await isOnOpener(scene.isNarrow ? 'More' : 'Model and settings');
      for (const key of ['Control+k', 'Control+/']) {
        const before = await focused();
        await page().keyboard.press(key);
        await page().getByRole('dialog').waitFor();
        await page().keyboard.press('Escape');
        await page().getByRole('dialog').waitFor({ state: 'detached' });
        expect(await focused()).to.equal(before);
      }
      await openList(scene);
      for (const name of ['Ada, Account', 'Settings']) {
        await button(name).press('Enter');
        await page().getByRole('dialog').getByRole('button', { name: 'Close' }).press('Enter');
        await page().getByRole('dialog').waitFor({ state: 'detached' });
        await isOn(button(name));
      }
    });

    it('stays in the account while its forms open, are refused, are given up and are sent', async () => {
      await openNewChat(scene);
      await openList(scene);
      await button('Ada, Account').click();
      const account = page().getByRole('dialog', { name: 'Account' });
      const inside = (name: string) => account.getByRole('button', { name, exact: true });
      const form = account.locator('form');
      const isInForm = () =>
        eventually(
          () => form.evaluate((one) => one.contains(document.activeElement)),
          (is) => is,
        );
      for (const name of ['Create key', 'Add webhook', 'Change password', 'Delete account']) {
        await inside(name).press('Enter');
        await isInForm();
        await inside('Cancel').press('Enter');
        await isOn(inside(name));
      }
      await inside('Change password').click();
      await form.getByLabel('Current password', { exact: true }).fill('not this one');
      await form.getByLabel('New password', { exact: true }).fill(PASSWORD);
      await form.getByRole('button', { name: 'Change password' }).press('Enter');
      await form.getByRole('alert').getByText('not your current password').waitFor();
      await isOn(form.getByRole('button', { name: 'Change password' }));
      await inside('Cancel').press('Enter');
      await inside('Create key').press('Enter');
      await form.getByLabel('Name', { exact: true }).fill('one');
      await form.getByRole('button', { name: 'Create key' }).press('Enter');
      await isOn(account.getByRole('textbox', { name: 'Your new key' }));
      await inside('Revoke one').press('Enter');
      await account.getByText('one no longer works.').waitFor();
      await isOn(inside('Create key'));
    });

    it('stays in the administration while people and invitations change', async () => {
      await goTo(page(), '#/admin/people');
      await isOn(page().getByRole('heading', { name: 'Administration', level: 1 }));
      await button('Create link').press('Enter');
      await isOn(page().getByRole('textbox', { name: 'Invitation link' }));
      await page()
        .getByRole('button', { name: /^Revoke the invitation/ })
        .first()
        .press('Enter');
      await page().getByText('The invitation is revoked.').waitFor();
      const people = page().getByRole('region', { name: 'People' });
      await button('Roles of Grace').press('Enter');
      await people.getByRole('button', { name: 'Save' }).press('Enter');
      await people.getByText('The roles of Grace are changed.').waitFor();
      await eventually(
        () => people.evaluate((one) => one.contains(document.activeElement)),
        (is) => is,
      );
      await button('Disable Grace').press('Enter');
      await page().getByRole('dialog').getByRole('button', { name: 'Disable' }).press('Enter');
      await people.getByText('Grace is disabled.').waitFor();
      await isOn(button('Enable Grace'));
      await button('Enable Grace').press('Enter');
      await people.getByText('Grace is enabled.').waitFor();
      await isOn(button('Disable Grace'));
    });

    it('is in the form when it was refused, and when somebody has logged out', async () => {
      await openNewChat(scene);
      await openList(scene);
      await button('Log out').press('Enter');
      await page().getByRole('heading', { name: 'Welcome back' }).waitFor();
      const form = page().locator('form');
      await eventually(
        () => form.evaluate((one) => one.contains(document.activeElement)),
        (is) => is,
      );
      await page().getByLabel('Email').fill('Ada@example.com');
      await page().getByLabel('Password', { exact: true }).fill('another guess');
      await button('Log in').press('Enter');
      await page().getByRole('alert').getByText('do not match').waitFor();
      await isOn(button('Log in'));
    });
  });
