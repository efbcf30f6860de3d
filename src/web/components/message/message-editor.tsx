import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ChatMessage } from '../../../client/index.js';
import { LIMITS } from '../../../contract/limits.js';
import { useApp, useChat } from '../../state/app.js';
import { isComposing } from '../controls/is-composing.js';
import { keepFocus } from '../hooks/keep-focus.js';
import { useAction } from '../hooks/use-action.js';
import { useAutosize } from '../hooks/use-autosize.js';
import { ON_TOUCH, useMediaQuery } from '../hooks/use-media-query.js';

interface Props {
  message: ChatMessage;
  /** The question waits for its turn, so its text is replaced in place. */
  waits: boolean;
}

/** Edits the text of a message in place. It stays open until the server has the new text. */
export const MessageEditor = ({ message, waits }: Props) => {
  const { preferences, screen } = useApp();
  const texts = preferences.texts.value;
  const { client, edits } = useChat();
  const { busy, run } = useAction();
  const text = useSignal(edits.get(message.id) ?? message.content);
  const area = useRef<HTMLTextAreaElement>(null);
  const touch = useMediaQuery(ON_TOUCH);
  const asks = message.role === 'user' && !waits;
  const excess = text.value.length - LIMITS.messageChars;
  // The server may say late that it has the text. Its reader may be elsewhere then, and edit another message.
  const close = () => {
    edits.delete(message.id);
    if (screen.editing.peek() === message.id) screen.editing.value = null;
    const { activeElement: focused } = document;
    const isElsewhere = focused !== document.body && !area.current?.form?.contains(focused);
    if (isElsewhere) return;
    if (touch.value) keepFocus();
    else document.getElementById('composer')?.focus();
  };
  const ready = !busy && text.value.trim() !== '' && excess <= 0;
  useAutosize(area, text.value);
  useLayoutEffect(() => {
    area.current?.focus();
    area.current?.setSelectionRange(text.value.length, text.value.length);
  }, []);

  const save = (answer: boolean) => {
    if (!ready) return;
    const isSame = text.value === message.content && !(asks && answer);
    if (isSame) close();
    else
      run(
        () => client.edit(message.id, { content: text.value, ...(answer ? {} : { answer }) }),
        close,
      );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    } else if (
      event.key === 'Enter' &&
      !event.shiftKey &&
      !touch.value &&
      message.role === 'user'
    ) {
      event.preventDefault();
      save(true);
    }
  };

  return (
    <form
      class="message-editor"
      onSubmit={(event) => {
        event.preventDefault();
        save(true);
      }}
    >
      <textarea
        ref={area}
        dir="auto"
        rows={1}
        aria-label={
          message.role === 'user' ? texts.branches.editQuestion : texts.branches.editAnswer
        }
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
          edits.set(message.id, text.value);
        }}
        onKeyDown={onKeyDown}
      />
      <div class="editor-buttons">
        {excess > 0 && <p class="status-warning">{texts.tooLong(excess)}</p>}
        <button type="button" class="quiet-button" onClick={close}>
          {texts.cancel}
        </button>
        {asks && (
          <button type="button" class="plain-button" disabled={!ready} onClick={() => save(false)}>
            {texts.branches.saveOnly}
          </button>
        )}
        <button type="submit" class="primary-button" disabled={!ready}>
          {asks ? texts.branches.saveAndAsk : texts.branches.save}
        </button>
      </div>
    </form>
  );
};
