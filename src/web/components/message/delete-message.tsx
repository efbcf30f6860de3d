import { useSignal } from '@preact/signals';
import type { ChatMessage } from '../../../client/index.js';
import { displayable } from '../../markdown/plain-text.js';
import { useApp, useChat } from '../../state/app.js';
import { ConfirmDialog } from '../controls/dialog.js';
import { Guard } from '../controls/guard.js';
import { IconButton } from '../controls/icon-button.js';
import { keepFocus } from '../hooks/keep-focus.js';
import { useAction } from '../hooks/use-action.js';

const EXCERPT_CODE_POINTS = 60;

/** The beginning of a text, in one line. */
export function excerptOf(content: string): string {
  const points = [...displayable(content.slice(0, 400)).replace(/\s+/g, ' ').trim()];
  const isLong = points.length > EXCERPT_CODE_POINTS;
  return isLong ? `${points.slice(0, EXCERPT_CODE_POINTS).join('').trimEnd()}…` : points.join('');
}

/** `below`: number of shown messages that are deleted with it. */
export const DeleteMessage = ({ message, below }: { message: ChatMessage; below: number }) => {
  const texts = useApp().preferences.texts.value;
  const { client } = useChat();
  const { busy, run } = useAction();
  const asking = useSignal(false);
  const { branches } = texts;
  const isQuestion = message.role === 'user';
  const name = excerptOf(message.content) || texts.noText;
  return (
    <>
      <IconButton
        icon="trash"
        label={isQuestion ? branches.deleteQuestion : branches.deleteAnswer}
        disabled={busy}
        onClick={() => {
          asking.value = true;
        }}
      />
      {asking.value && (
        <Guard fallback={null}>
          <ConfirmDialog
            title={isQuestion ? branches.deleteQuestionTitle : branches.deleteAnswerTitle}
            body={branches.deleteMessageBody(name, below)}
            confirm={texts.delete}
            onConfirm={() => run(() => client.deleteMessage(message.id), keepFocus)}
            onClose={() => {
              asking.value = false;
            }}
          />
        </Guard>
      )}
    </>
  );
};
