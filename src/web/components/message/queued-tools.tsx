import type { ChatMessage } from '../../../client/index.js';
import { useApp, useChat } from '../../state/app.js';
import { keepFocus } from '../keep-focus.js';
import { useAction } from '../use-action.js';

interface Props {
  question: ChatMessage;
  /** Another answer of the conversation is running. */
  isBehind: boolean;
  onEdit(): void;
}

/** A waiting question can be changed, removed, or sent at once. */
export const QueuedTools = ({ question, isBehind, onEdit }: Props) => {
  const texts = useApp().preferences.texts.value.branches;
  const { client } = useChat();
  const { busy, run } = useAction();
  const { id, content } = question;
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
        onClick={() => run(() => client.deleteMessage(id), keepFocus)}
      >
        {texts.remove}
      </button>
    </div>
  );
};
