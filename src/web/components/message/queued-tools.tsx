import { useApp, useChat } from '../../state/app.js';
import { useAction } from '../use-action.js';

interface Props {
  questionId: number;
  /** The answer that runs before this one; null if this one is not the next in line. */
  runningId: number | null;
  onEdit(): void;
}

/** A waiting question can be changed, removed, or sent at once. */
export const QueuedTools = ({ questionId, runningId, onEdit }: Props) => {
  const texts = useApp().preferences.texts.value.branches;
  const { client } = useChat();
  const { busy, run } = useAction();
  return (
    <div class="queued-tools">
      {runningId !== null && (
        <button
          type="button"
          class="link-button"
          title={texts.sendNowHint}
          disabled={busy}
          onClick={() => run(() => client.stop(runningId))}
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
        onClick={() => run(() => client.deleteMessage(questionId))}
      >
        {texts.remove}
      </button>
    </div>
  );
};
