import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ChatMessage } from '../../client/index.js';
import type { Texts } from '../i18n/en.js';
import { endingOf } from '../state/answer-ending.js';
import { useApp } from '../state/app.js';

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

/** The answer, and how it ended unless it ended normally. */
function spokenText(answer: ChatMessage, texts: Texts): string {
  const ending = endingOf(answer, texts);
  const how = ending === null ? [] : [ending.title, ending.text];
  const parts = [answer.content.slice(0, SPOKEN_CHARS), ...how];
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}
