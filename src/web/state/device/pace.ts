import { afterFrame } from './frame.js';
import type { Keys } from './keys.js';

/** The pause between two updates is this many times what the first has taken. */
const PAUSE = 8;
/** A page that was suspended during an update has not worked for all of that time. */
const LONGEST_MS = 1_000;
/** A key that comes during a shorter update is shown with the next frame all the same. */
const FELT_MS = 16;
/** A person who types slowly sees the text grow in between. */
const PATIENCE_MS = 400;

interface Pace<T> {
  take(value: T): void;
  keys: Pick<Keys, 'isTyping' | 'onShown'>;
  /** Whether `next` is shown with the next frame, however long the last one has taken. */
  isUrgent(next: T, shown: T): boolean;
}

export interface Paced<T> {
  put(value: T): void;
  stop(): void;
}

/**
 * Passes on the latest value in an animation frame. The longer the work that follows takes (rendering, layout and
 * paint), the less often it does so. Values in between cost nothing. While a person types, a long update follows a key,
 * so that it does not delay the next one.
 */
export function paced<T>(first: T, { take, isUrgent, keys }: Pace<T>): Paced<T> {
  let latest = first;
  let shown = first;
  let spent = 0;
  let due = 0;
  let frame = 0;
  let callOff: (() => void) | undefined;
  const show = () => {
    frame = 0;
    const began = performance.now();
    shown = latest;
    take(latest);
    afterFrame(() => {
      const now = performance.now();
      spent = Math.min(now - began, LONGEST_MS / PAUSE);
      due = now + spent * PAUSE;
    });
  };
  const cancelWait = () => {
    callOff?.();
    callOff = undefined;
  };
  const ask = () => {
    cancelWait();
    frame = requestAnimationFrame(show);
  };
  const askAfterKey = () => {
    if (spent > FELT_MS && keys.isTyping()) callOff = keys.onShown(ask, PATIENCE_MS);
    else ask();
  };
  const askAt = (time: number) => {
    const wait = time - performance.now();
    if (wait <= 0) return askAfterKey();
    const timer = setTimeout(askAfterKey, wait);
    callOff = () => clearTimeout(timer);
  };
  return {
    put(value) {
      latest = value;
      if (frame !== 0) return;
      if (isUrgent(value, shown)) ask();
      else if (callOff === undefined) askAt(due);
    },
    stop() {
      cancelWait();
      cancelAnimationFrame(frame);
    },
  };
}
