import type { ConversationState } from '../../../client/index.js';
import { copyText } from '../../copy-text.js';
import { lastOwnQuestion } from '../../state/answers/last-question.js';
import { runningAnswer } from '../../state/answers/running-answer.js';
import type { App } from '../../state/app.js';
import type { Chat } from '../../state/chat.js';
import { conversationActions, itemsOf } from '../conversation/conversation-actions.js';
import type { Command } from './commands.js';

/** Commands for the open conversation and its last messages. */
export function conversationCommands(app: App, chat: Chat): Command[] {
  const state = chat.conversation.value;
  const conversation = state?.conversation ?? null;
  if (state === null || conversation === null) return modelCommands(app, chat, null);
  return [
    ...answerCommands(app, chat, state),
    ...itemsOf(conversationActions(app, chat, conversation, 'header')),
    ...modelCommands(app, chat, conversation.id),
  ];
}

function answerCommands(app: App, chat: Chat, state: ConversationState): Command[] {
  const { preferences, session, screen, report } = app;
  const texts = preferences.texts.value;
  const running = runningAnswer(state);
  const question = lastOwnQuestion(state, session.user.value?.id ?? null);
  const answer = state.messages.findLast(({ role }) => role === 'assistant');
  const commands: Command[] = [];
  if (running !== null) {
    const run = () => void chat.client.stop(running).catch(report);
    commands.push({ icon: 'stop', label: texts.stop, keys: ['Esc'], run });
  }
  if (question !== null) {
    const run = () => {
      screen.editing.value = question.id;
    };
    commands.push({ icon: 'pencil', label: texts.branches.editQuestion, keys: ['↑'], run });
  }
  if (answer === undefined || running !== null) return commands;
  const again = () => void chat.client.regenerate(answer.id).catch(report);
  commands.push({ icon: 'again', label: texts.branches.regenerate, run: again });
  if (answer.content !== '') {
    const copy = () => void copyText(answer.content).catch(report);
    commands.push({ icon: 'copy', label: texts.copyAnswer, run: copy });
  }
  return commands;
}

function modelCommands({ preferences, report }: App, chat: Chat, id: number | null): Command[] {
  const { palette, models } = preferences.texts.value;
  if (chat.models.value.length < 2) return [];
  return chat.models.value.map((model) => ({
    ...({ icon: 'swap', isRare: true } as const),
    key: `model ${model.id}`,
    label: palette.set(models.model, model.name),
    run: () => {
      if (id === null) chat.chosen.value = model.id;
      else void chat.client.update(id, { model: model.id }).catch(report);
    },
  }));
}
