import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ChatMessage } from '../../client/index.js';
import { useApp } from '../state/app.js';

const SPOKEN_CHARS = 4_000;

/** Tells screen readers that an answer began and, once, what it says; never each piece. */
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
      spoken.value = last.content.slice(0, SPOKEN_CHARS);
    }
  }, [last?.id, live]);
  return (
    <div class="visually-hidden" aria-live="polite">
      {spoken.value}
    </div>
  );
};
