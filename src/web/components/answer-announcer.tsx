import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ChatMessage } from '../../client/index.js';
import type { Texts } from '../i18n/en.js';
import { endingOf } from '../state/answer-ending.js';
import { useApp } from '../state/app.js';
import { messageElementId } from './use-jump.js';

const SPOKEN_CHARS = 4_000;

/** Tells screen readers that an answer began and, once, its text, but not each piece. */
export const AnswerAnnouncer = ({ last }: { last: ChatMessage | null }) => {
  const { preferences } = useApp();
  const spoken = useSignal('');
  const running = useRef<number | null>(null);
  const live = last !== null && (last.status === 'queued' || last.status === 'streaming');
  useEffect(() => {
    if (last === null || last.role !== 'assistant') return;
    if (live) {
      running.current = last.id;
      spoken.value = preferences.texts.value.answering;
    } else if (running.current === last.id) {
      running.current = null;
      spoken.value = spokenText(last, preferences.texts.value);
    }
  }, [last?.id, live]);
  return (
    <div class="visually-hidden" aria-live="polite">
      {spoken.value}
    </div>
  );
};

/** How the answer ended, and its text. */
function spokenText(answer: ChatMessage, texts: Texts): string {
  const ending = endingOf(answer, texts);
  const how = ending === null ? [texts.answered] : [ending.title, ending.text];
  const parts = [...how, (shownText(answer.id) || answer.content).slice(0, SPOKEN_CHARS)];
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
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
