import { ON_TOUCH } from './use-media-query.js';

/** Moves the focus on: to the message box, or to the thread where the box would open a keyboard on the screen. */
export function moveFocus(): void {
  const scroller = document.querySelector<HTMLElement>('.scroller, .empty');
  if (matchMedia(ON_TOUCH).matches) focusQuietly(scroller);
  else document.getElementById('composer')?.focus();
}

let isByKey = false;
addEventListener('keydown', () => (isByKey = true), { capture: true });
addEventListener('pointerdown', () => (isByKey = false), { capture: true });

/**
 * Browsers take the first move of the focus for one by keyboard, if nothing was focused before. Unless the last input
 * was a key, the ring waits for one.
 */
function focusQuietly(element: HTMLElement | null): void {
  element?.focus({ preventScroll: true });
  if (element === null || isByKey) return;
  const over = new AbortController();
  const end = () => {
    over.abort();
    delete element.dataset.quiet;
  };
  // A window that loses the focus blurs the element, too, and gives it back later.
  const blurred = () => document.activeElement === element || end();
  element.dataset.quiet = '';
  element.addEventListener('blur', blurred, { signal: over.signal });
  addEventListener('keydown', end, { signal: over.signal, capture: true });
}

let asked = 0;

/**
 * Moves the focus on after the pressed button has disappeared: to `next`, if that is there. Of several calls within
 * two frames the last one counts.
 */
export function keepFocus(next?: () => HTMLElement | null): void {
  asked += 1;
  const own = asked;
  const focus = () => {
    if (own !== asked || document.activeElement !== document.body) return;
    const element = next?.();
    if (element) element.focus();
    else moveFocus();
  };
  requestAnimationFrame(() => requestAnimationFrame(focus));
}
