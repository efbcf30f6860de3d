import { afterFrame } from './frame.js';

/** A person who has pressed a key within this time is likely to press another. */
const TYPING_MS = 600;

/** The times of key presses. The time right after a key was shown is the furthest from the next one. */
export interface Keys {
  isTyping(): boolean;
  /** Runs once the next key is shown, and after `patienceMs` at the latest. Returns a function that cancels it. */
  onShown(run: () => void, patienceMs: number): () => void;
  dispose(): void;
}

/** Follows the keys that are pressed anywhere on the page. */
export function watchKeys(page: EventTarget): Keys {
  const waiting = new Set<() => void>();
  let last = Number.NEGATIVE_INFINITY;
  let frame = 0;
  const shown = () => {
    for (const run of [...waiting]) run();
  };
  const pressed = () => {
    last = performance.now();
    if (frame !== 0 || waiting.size === 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      afterFrame(shown);
    });
  };
  page.addEventListener('keydown', pressed, true);
  return {
    isTyping: () => performance.now() - last < TYPING_MS,
    onShown(run, patienceMs) {
      const leave = () => {
        clearTimeout(timer);
        waiting.delete(once);
      };
      const once = () => {
        leave();
        run();
      };
      const timer = setTimeout(once, patienceMs);
      waiting.add(once);
      return leave;
    },
    dispose: () => page.removeEventListener('keydown', pressed, true),
  };
}
