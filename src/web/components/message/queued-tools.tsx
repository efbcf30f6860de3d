import { useSignal } from '@preact/signals';
import type { ChatMessage } from '../../../client/index.js';
import { useApp, useChat } from '../../state/app.js';
import { ConfirmDialog } from '../controls/dialog.js';
import { Guard } from '../controls/guard.js';
import { keepFocus } from '../hooks/keep-focus.js';
import { useAction } from '../hooks/use-action.js';
import { excerptOf } from './delete-message.js';

interface Props {
  question: ChatMessage;
  /** Number of shown messages below its answer. They would be removed, too. */
  below: number;
  /** Another answer of the conversation is running. */
  isBehind: boolean;
  onEdit(): void;
}

/** A waiting question can be changed, removed, or sent at once. */
export const QueuedTools = ({ question, below, isBehind, onEdit }: Props) => {
  const texts = useApp().preferences.texts.value.branches;
  const { client } = useChat();
  const { busy, run } = useAction();
  const asking = useSignal(false);
  const { id, content } = question;
  const remove = () => run(() => client.deleteMessage(id), keepFocus);
  return (
    <div class="queued-tools">
      {isBehind && (
        <button
          type="button"
          class="link-button"
          title={texts.sendNowHint}
          disabled={busy}
          onClick={() => run(() => client.edit(id, { content, interrupt: true }), keepFocus)}
        >
          {texts.sendNow}
        </button>
      )}
      <button type="button" class="link-button" onClick={onEdit}>
        {texts.edit}
      </button>
      <button
        type="button"
        class="link-button"
        disabled={busy}
        onClick={() => {
          if (below === 0) remove();
          else asking.value = true;
        }}
      >
        {texts.remove}
      </button>
      {asking.value && (
        <Guard fallback={null}>
          <ConfirmDialog
            title={texts.deleteQuestionTitle}
            body={texts.deleteMessageBody(excerptOf(content), below + 1)}
            confirm={texts.remove}
            onConfirm={remove}
            onClose={() => {
              asking.value = false;
            }}
          />
        </Guard>
      )}
    </div>
  );
};
