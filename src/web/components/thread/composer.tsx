import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Pending } from '../../../client/index.js';
import { LIMITS } from '../../../contract/limits.js';
import { useApp, useChat } from '../../state/app.js';
import { commandKey } from '../controls/command-key.js';
import { IconButton } from '../controls/icon-button.js';
import { isComposing } from '../controls/is-composing.js';
import { keepFocus, moveFocus } from '../hooks/keep-focus.js';
import { useAutosize } from '../hooks/use-autosize.js';
import { ON_TOUCH, useMediaQuery } from '../hooks/use-media-query.js';

interface Props {
  conversationId: number | null;
  pending: readonly Pending[];
  /** Edits the last question of this user, if there is one. */
  onEditLast(): void;
}

export const Composer = ({ conversationId, pending, onEditLast }: Props) => {
  const { preferences, screen, report } = useApp();
  const chat = useChat();
  const texts = preferences.texts.value;
  const { text, write } = useDraft(conversationId);
  const touch = useMediaQuery(ON_TOUCH);
  const area = useRef<HTMLTextAreaElement>(null);
  const running = chat.running.value;
  const excess = text.value.length - LIMITS.messageChars;
  const creating = conversationId === null && pending.some(({ error }) => error === null);
  const ready = text.value.trim() !== '' && excess <= 0 && !creating;

  const isBusy = running !== null && text.value !== '';
  const hint = isBusy ? texts.branches.interruptHint(commandKey()) : texts.composerHint;

  useAutosize(area, text.value);
  useLayoutEffect(() => {
    if (touch.value) keepFocus();
    else area.current?.focus();
  }, [conversationId]);

  const send = (interrupt = false) => {
    if (!ready) return;
    chat.send(text.value, interrupt);
    write('');
    area.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowUp' && text.value === '' && !isComposing(event)) {
      event.preventDefault();
      onEditLast();
      return;
    }
    if (event.key !== 'Enter' || event.shiftKey || touch.value || isComposing(event)) return;
    event.preventDefault();
    send((event.ctrlKey || event.metaKey) && running !== null);
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="composer-box">
        <textarea
          ref={area}
          id="composer"
          dir="auto"
          rows={1}
          aria-label={texts.messageLabel}
          aria-describedby="composer-hint"
          placeholder={texts.messagePlaceholder}
          enterkeyhint={touch.value ? 'enter' : 'send'}
          value={text.value}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        {running !== null && (
          <IconButton
            icon="stop"
            label={texts.stop}
            class="round-button stop-button"
            onClick={() => {
              void chat.client.stop(running).catch(report);
              // The button goes with the answer.
              moveFocus();
            }}
          />
        )}
        {(running === null || text.value !== '') && (
          <IconButton
            icon="send"
            label={texts.send}
            class="round-button send-button"
            disabled={!ready}
            onClick={() => send()}
          />
        )}
      </div>
      <div class="composer-foot">
        <p class={excess > 0 ? 'composer-hint status-warning' : 'composer-hint'} id="composer-hint">
          {excess > 0 ? texts.tooLong(excess) : hint}
        </p>
        <button
          type="button"
          class="link-button shortcuts-button"
          onClick={() => {
            screen.show('shortcuts');
          }}
        >
          {texts.shortcuts.title}
        </button>
      </div>
    </form>
  );
};

/** The text of the box: each conversation has its own, and it survives a reload. */
function useDraft(conversationId: number | null) {
  const { unsent } = useChat();
  const text = useSignal(unsent.draft(conversationId));
  const shown = useRef(conversationId);
  if (shown.current !== conversationId) {
    shown.current = conversationId;
    text.value = unsent.draft(conversationId);
  }
  // Each letter is stored at once: the next moment the new conversation may be there, which takes the draft over.
  const write = (typed: string) => {
    text.value = typed;
    unsent.setDraft(conversationId, typed);
  };
  return { text, write };
}
