import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ChatMessage } from '../../../client/index.js';
import type { Texts } from '../../i18n/en.js';
import { endingOf } from '../../state/answers/answer-ending.js';
import { useApp } from '../../state/app.js';
import { messageElementId } from '../message/message-element.js';

const SPOKEN_CHARS = 4_000;

interface Spoken {
  /** Null while it runs. */
  ended: ChatMessage | null;
  text: string;
}

/** Tells screen readers that an answer began and, once, its text, but not each piece. */
export const AnswerAnnouncer = ({ last }: { last: ChatMessage | null }) => {
  const texts = useApp().preferences.texts.value;
  const spoken = useSignal<Spoken | null>(null);
  const running = useRef<number | null>(null);
  const live = last !== null && (last.status === 'queued' || last.status === 'streaming');
  useEffect(() => {
    if (last === null || last.role !== 'assistant') return;
    if (live) {
      running.current = last.id;
      spoken.value = { ended: null, text: '' };
    } else if (running.current === last.id) {
      running.current = null;
      spoken.value = {
        ended: last,
        text: (shownText(last.id) || last.content).slice(0, SPOKEN_CHARS),
      };
    }
  }, [last?.id, live]);
  return (
    <div class="visually-hidden" aria-live="polite">
      {spoken.value !== null && howOf(spoken.value, texts)}
      {spoken.value !== null && spoken.value.text !== '' && ` ${spoken.value.text}`}
    </div>
  );
};

/** Apart from the text, so that only this is said again in another language. */
function howOf({ ended }: Spoken, texts: Texts): string {
  if (ended === null) return texts.answering;
  const ending = endingOf(ended, texts);
  if (ending === null) return texts.answered;
  return [ending.title, ending.text].filter((part) => part !== undefined && part !== '').join(' ');
}

/** The answer as it is shown: without Markdown, and of code without the buttons. */
function shownText(messageId: number): string {
  const shown = document
    .getElementById(messageElementId(messageId))
    ?.querySelector('.answer > .markdown');
  const textOf = (block: Element) => block.querySelector(':scope > pre') ?? block;
  const texts = [...(shown?.children ?? [])].map((block) => textOf(block) as HTMLElement);
  return texts
    .map(({ innerText }) => innerText.trim())
    .filter((text) => text !== '')
    .join('\n');
}
