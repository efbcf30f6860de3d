import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { ScrollAnchor } from '../rows/scroll-anchor.js';

type Place = { readonly current: HTMLElement | null };

interface Options {
  scroller: Place;
  content: Place;
  /** Changes when other items are in the document. The visible ones then stay in place. */
  shown: unknown;
  /** Called after a scroll, or when something has changed its height. */
  moved(frame: HTMLElement, list: HTMLElement): void;
}

const BOTTOM_PX = 48;
/** Most browsers keep the visible items in place by themselves when one above them changes its height. */
const ANCHORS = CSS.supports('overflow-anchor', 'auto');
/** In heights of the view: from further away, the way to the end is not scrolled through. */
const SMOOTH = 3;

const isStill = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Follows the end of a growing list as long as the reader is there. Elsewhere, the visible items stay in place. */
export function useStickyScroll({ scroller, content, shown, moved }: Options) {
  const atBottom = useSignal(true);
  const anchor = useMemo(() => new ScrollAnchor(), []);
  const lastTop = useRef(0);
  const touched = useRef(false);

  const toBottom = (smooth = false) => {
    atBottom.value = true;
    const frame = scroller.current;
    if (frame === null) return;
    const { scrollHeight: top, clientHeight, scrollTop } = frame;
    const isNear = top - scrollTop < (SMOOTH + 1) * clientHeight;
    frame.scrollTo({ top, behavior: smooth && isNear && !isStill() ? 'smooth' : 'instant' });
  };
  const settle = () => {
    const [frame, list] = [scroller.current, content.current];
    if (frame === null || list === null) return;
    if (!ANCHORS && !atBottom.peek()) anchor.remember(frame, list);
    moved(frame, list);
  };
  const onScroll = () => {
    const frame = scroller.current;
    if (frame === null) return;
    const fromEnd = frame.scrollHeight - frame.scrollTop - frame.clientHeight;
    // A reader who moves up from the end leaves it with the first step.
    const comes = fromEnd < 1 || frame.scrollTop > lastTop.current;
    if (fromEnd >= BOTTOM_PX) atBottom.value = false;
    else if (comes) atBottom.value = true;
    lastTop.current = frame.scrollTop;
    settle();
  };
  /** Returns whether a scroll follows, which settles. */
  const stay = (): boolean => {
    const frame = scroller.current;
    if (frame === null) return false;
    const before = frame.scrollTop;
    if (atBottom.peek()) toBottom();
    else if (!ANCHORS) anchor.restore(frame);
    return frame.scrollTop !== before;
  };

  const before = useRef(shown);
  if (before.current !== shown && scroller.current !== null && content.current !== null) {
    before.current = shown;
    anchor.remember(scroller.current, content.current);
  }
  useLayoutEffect(() => {
    if (atBottom.peek()) toBottom();
    else if (scroller.current !== null) anchor.hold(scroller.current);
  }, [shown]);
  useEffect(() => followGrowth(scroller, content, stay, settle), []);
  useEffect(() => watchTouch(scroller, touched), []);
  useEffect(() => watchWheelUp(scroller, () => (atBottom.value = false)), []);

  return { atBottom, toBottom, onScroll, settle, touched: () => touched.current };
}

/** `settle` runs in the next frame: it may change heights again. */
function followGrowth(
  scroller: Place,
  content: Place,
  stay: () => boolean,
  settle: () => void,
): () => void {
  let frame = 0;
  const observer = new ResizeObserver(() => {
    cancelAnimationFrame(frame);
    if (!stay()) frame = requestAnimationFrame(settle);
  });
  for (const { current } of [scroller, content]) if (current !== null) observer.observe(current);
  return () => {
    observer.disconnect();
    cancelAnimationFrame(frame);
  };
}

/** Runs before the scroll event: text that arrives in between must not pull the reader down again. */
function watchWheelUp(scroller: Place, leave: () => void): () => void {
  const element = scroller.current;
  const turn = ({ deltaY }: WheelEvent) => {
    if (deltaY < 0 && element !== null && element.scrollTop > 0) leave();
  };
  element?.addEventListener('wheel', turn, { passive: true });
  return () => element?.removeEventListener('wheel', turn);
}

/** More is loaded only by a scroll of the user. */
function watchTouch(scroller: Place, touched: { current: boolean }): () => void {
  const element = scroller.current;
  const touch = () => {
    touched.current = true;
  };
  const events = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const;
  for (const name of events) element?.addEventListener(name, touch, { passive: true });
  return () => {
    for (const name of events) element?.removeEventListener(name, touch);
  };
}
