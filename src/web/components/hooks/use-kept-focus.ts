import { useEffect } from 'preact/hooks';
import { ON_TOUCH } from './use-media-query.js';

type Place = { readonly current: HTMLElement | null };

/** The element that had the focus, and what was around it. */
interface Trace {
  element: HTMLElement;
  around: readonly HTMLElement[];
  order: readonly HTMLElement[];
}

const FOCUSABLE = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';

/**
 * Keeps the focus within a part of the page whose contents come and go. If the focused element disappears, the focus
 * goes to its replacement, else to its neighbour. If it was only disabled, it has the focus again as soon as it can.
 */
export function useKeptFocus(place: Place): void {
  useEffect(() => {
    const root = place.current;
    if (root === null) return;
    let trace: Trace | null = null;
    const moved = ({ target }: FocusEvent) => {
      const isInside = target instanceof HTMLElement && root.contains(target) && target !== root;
      trace = isInside ? traceOf(root, target) : null;
    };
    const look = () => {
      if (trace === null || document.activeElement !== document.body) return;
      const { element } = trace;
      if (!element.isConnected) nextTo(trace)?.focus();
      else if (!element.matches(':disabled')) element.focus();
    };
    // Code that knows better where the focus should go runs first.
    const later = () => requestAnimationFrame(() => requestAnimationFrame(look));
    const observer = new MutationObserver(later);
    observer.observe(root, { childList: true, subtree: true, attributeFilter: ['disabled'] });
    document.addEventListener('focusin', moved);
    return () => {
      observer.disconnect();
      document.removeEventListener('focusin', moved);
    };
  }, []);
}

function traceOf(root: HTMLElement, element: HTMLElement): Trace {
  const around: HTMLElement[] = [];
  for (let at = element.parentElement; at !== null; at = at === root ? null : at.parentElement)
    around.push(at);
  return { element, around, order: focusableIn(root) };
}

function nextTo({ element, around, order }: Trace): HTMLElement | undefined {
  const parts = around.filter(({ isConnected }) => isConnected);
  const section = parts.find((part) => part.matches('section')) ?? parts[0];
  const appeared = section && focusableIn(section).find((one) => !order.includes(one));
  if (appeared) return appeared;
  const at = order.indexOf(element);
  const beside = [...order.slice(at + 1), ...order.slice(0, Math.max(at, 0)).reverse()];
  for (const part of parts) {
    const now = focusableIn(part);
    const found = beside.find((one) => now.includes(one));
    if (found) return found;
  }
  return undefined;
}

/** Leaves out fields where they would open a keyboard over the page. */
function focusableIn(part: HTMLElement): HTMLElement[] {
  const isTouch = matchMedia(ON_TOUCH).matches;
  return [...part.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
    (one) =>
      one.checkVisibility({ visibilityProperty: true }) &&
      one.tabIndex >= 0 &&
      !one.matches(':disabled') &&
      !(isTouch && one.matches('textarea, input:not([type=checkbox], [type=radio])')),
  );
}
