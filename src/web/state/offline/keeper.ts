import type { ConversationState } from '../../../client/index.js';
import { runningAnswer } from '../answers/running-answer.js';

/** Time from a change to the copy of it. An answer changes its conversation many times a second. */
const SOON_MS = 800;
const RUNNING_MS = 15_000;

export interface Keeper {
  put(state: ConversationState): void;
  /** The conversation is gone, so its waiting copy is dropped. */
  drop(id: number): void;
  stop(): void;
}

/** Calls `keep` with the last state of the open conversation: now and then, and before the page is left. */
export function createKeeper(keep: (state: ConversationState) => void): Keeper {
  let waiting: ConversationState | null = null;
  let kept: ConversationState | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let due = Number.POSITIVE_INFINITY;
  const flush = () => {
    clearTimeout(timer);
    due = Number.POSITIVE_INFINITY;
    if (waiting !== null) keep(waiting);
    kept = waiting ?? kept;
    waiting = null;
  };
  const onHidden = () => {
    if (document.hidden) flush();
  };
  document.addEventListener('visibilitychange', onHidden);
  return {
    put: (state) => {
      if (waiting !== null && waiting.id !== state.id) flush();
      if (kept?.messages === state.messages && kept.conversation === state.conversation) return;
      waiting = state;
      const at = performance.now() + (runningAnswer(state) === null ? SOON_MS : RUNNING_MS);
      if (at >= due) return;
      due = at;
      clearTimeout(timer);
      timer = setTimeout(flush, at - performance.now());
    },
    drop: (id) => {
      if (waiting?.id === id) waiting = null;
      if (kept?.id === id) kept = null;
    },
    stop: () => {
      clearTimeout(timer);
      waiting = null;
      document.removeEventListener('visibilitychange', onHidden);
    },
  };
}
