import { reasoningChunk } from '../../../lab/models/upstream-wire.js';
import { openConversation, openNewChat, type Scene } from './scene.js';
import type { State } from './state.js';

const send = ({ member: { page } }: Scene) =>
  page.getByRole('button', { name: 'Send', exact: true }).click();

async function ask(scene: Scene, text: string): Promise<void> {
  await scene.member.composer.fill(text);
  await send(scene);
}

/** A new chat whose answer has begun and goes on until the state is left. */
async function beginAnswer(scene: Scene, question: string): Promise<void> {
  scene.held = scene.app.upstream.next();
  await openNewChat(scene);
  await ask(scene, question);
  scene.held.write('# A title\n\nSome **bold** words, `code`, and half a li');
  await scene.member.sees('half a li');
}

const endAnswers = async (scene: Scene): Promise<void> => {
  scene.held?.finish();
  scene.held = null;
  await scene.member.page.locator('.is-live').first().waitFor({ state: 'detached' });
};

const conversation = (name: string, title: string): State => ({
  name,
  who: 'member',
  show: (scene) => openConversation(scene, title),
});

const button = ({ member: { page } }: Scene, name: string) =>
  page.getByRole('button', { name, exact: true });

const WRITING: readonly State[] = [
  {
    name: 'an answer that is awaited',
    who: 'member',
    async show(scene) {
      scene.held = scene.app.upstream.next();
      await openNewChat(scene);
      await ask(scene, 'Awaited');
      await scene.member.page.getByText('Thinking…').waitFor();
    },
    leave: endAnswers,
  },
  {
    name: 'a model that reasons',
    who: 'member',
    async show(scene) {
      scene.held = scene.app.upstream.next();
      await openNewChat(scene);
      await ask(scene, 'Reasoned');
      await scene.held.opened;
      scene.held.raw(reasoningChunk('First this, then that.'));
      await scene.member.page.getByText(/^Thinking for/).click();
      await scene.member.page.getByText('First this, then that.').waitFor();
    },
    leave: endAnswers,
  },
  {
    name: 'an answer that is being written',
    who: 'member',
    show: (scene) => beginAnswer(scene, 'Written'),
    leave: endAnswers,
  },
  {
    name: 'questions that wait in line',
    who: 'member',
    async show(scene) {
      await beginAnswer(scene, 'Before the line');
      for (const text of ['second', 'third']) {
        await ask(scene, text);
        await scene.member.questions.getByText(text, { exact: true }).waitFor();
      }
      await scene.member.page.getByText('number 2 in line').waitFor();
      await scene.member.composer.fill('a draft');
    },
    async leave(scene) {
      await scene.member.composer.fill('');
      await endAnswers(scene);
      await scene.member.answers.nth(2).locator('.answer-tools').waitFor({ state: 'attached' });
    },
  },
  {
    name: 'a stopped answer',
    who: 'member',
    async show(scene) {
      await beginAnswer(scene, 'Stopped');
      await button(scene, 'Stop').click();
      await button(scene, 'Continue').waitFor();
    },
  },
];

const EDITING: readonly State[] = [
  {
    name: 'a question that is edited in its place',
    who: 'member',
    async show(scene) {
      await openConversation(scene, 'Two versions');
      await scene.member.questions.last().hover();
      await button(scene, 'Edit question').click();
      await scene.member.page.getByRole('textbox', { name: 'Edit question' }).waitFor();
    },
  },
  {
    name: 'an answer that is edited in its place',
    who: 'member',
    async show(scene) {
      await openConversation(scene, 'Two versions');
      await button(scene, 'Edit answer').click();
      await scene.member.page.getByRole('textbox', { name: 'Edit answer' }).waitFor();
    },
  },
  {
    name: 'a title that is edited',
    who: 'member',
    async show(scene) {
      await openConversation(scene, 'Two versions');
      if (scene.isNarrow) await button(scene, 'More').click();
      await scene.member.page
        .locator('.thread-header')
        .getByRole(scene.isNarrow ? 'menuitem' : 'button', { name: 'Rename' })
        .click();
      await scene.member.page.getByRole('textbox', { name: 'Title of the conversation' }).waitFor();
    },
  },
  {
    name: 'the facts of an answer',
    who: 'member',
    async show(scene) {
      await openConversation(scene, 'Two versions');
      await button(scene, 'About this answer').click();
      await scene.member.page.locator('.answer-facts').waitFor();
    },
  },
];

const menuOf = (name: string, opener: string): State => ({
  name,
  who: 'member',
  async show(scene) {
    await openConversation(scene, 'Two versions');
    await button(scene, opener).click();
    await scene.member.page.getByRole('menu').waitFor();
  },
});

const AROUND: readonly State[] = [
  menuOf('the menu of a conversation', 'More'),
  menuOf('the menu of other models', 'Answer again with another model'),
  {
    name: 'a conversation that is gone',
    who: 'member',
    async show({ member: { page } }) {
      await page.evaluate(() => {
        location.hash = '#/c/999999';
      });
      await page.getByRole('heading', { name: 'Conversation not found' }).waitFor();
    },
  },
  {
    name: 'a toast that offers to undo',
    who: 'member',
    async show(scene) {
      await openConversation(scene, 'Two versions');
      if (scene.isNarrow) await button(scene, 'More').click();
      await scene.member.page
        .locator('.thread-header')
        .getByRole(scene.isNarrow ? 'menuitem' : 'button', { name: 'Delete' })
        .click();
      await button(scene, 'Undo').waitFor();
    },
    async leave(scene) {
      await button(scene, 'Undo').click();
      await scene.member.page.getByRole('heading', { name: 'Two versions', level: 1 }).waitFor();
    },
  },
  {
    name: 'a lost connection with a question that is not sent',
    who: 'member',
    async show(scene) {
      await openNewChat(scene);
      await scene.member.context.setOffline(true);
      await scene.member.page.locator('.banner').waitFor();
      await ask(scene, 'Later');
      await scene.member.page.getByText('Will be sent when you are back online').waitFor();
    },
    async leave(scene) {
      await scene.member.context.setOffline(false);
      await scene.member.sees('Hello there.');
      await scene.member.page.locator('.message-pending').waitFor({ state: 'detached' });
    },
  },
];

/** The thread, and everything that opens in it. */
export const CHAT_STATES: readonly State[] = [
  { name: 'a new chat', who: 'member', show: openNewChat },
  conversation('everything an answer may hold', 'Everything in one answer'),
  conversation('an answer that failed', 'A failed answer'),
  conversation('an answer cut at its length', 'An answer cut short'),
  conversation('an answer that was filtered', 'An answer that was filtered'),
  conversation('versions of messages', 'Two versions'),
  ...WRITING,
  ...EDITING,
  ...AROUND,
];
