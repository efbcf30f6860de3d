import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

type Place = { readonly current: HTMLElement | null };

const BOTTOM_PX = 48;

/**
 * Follows the end of a growing list as long as the reader is there. `firstKey` changes when items are added before
 * the first one; the visible items then stay in place.
 */
export function useStickyScroll(scroller: Place, content: Place, firstKey: number) {
  const atBottom = useSignal(true);
  const fromEnd = useRef(0);
  const touched = useRef(false);

  const toBottom = (smooth = false) => {
    atBottom.value = true;
    const top = scroller.current?.scrollHeight ?? 0;
    scroller.current?.scrollTo({ top, behavior: smooth ? 'smooth' : 'instant' });
  };
  const onScroll = () => {
    const element = scroller.current;
    if (element === null) return;
    fromEnd.current = element.scrollHeight - element.scrollTop;
    atBottom.value = fromEnd.current - element.clientHeight < BOTTOM_PX;
  };

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && !atBottom.value)
      element.scrollTop = element.scrollHeight - fromEnd.current;
  }, [firstKey]);
  useEffect(() => followGrowth(scroller, content, () => atBottom.value && toBottom()), []);
  useEffect(() => watchTouch(scroller, touched), []);
  useEffect(() => watchWheelUp(scroller, () => (atBottom.value = false)), []);

  return { atBottom, toBottom, onScroll, touched: () => touched.current };
}

function followGrowth(scroller: Place, content: Place, grown: () => void): () => void {
  const observer = new ResizeObserver(grown);
  for (const { current } of [scroller, content]) if (current !== null) observer.observe(current);
  return () => observer.disconnect();
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

/** Only a scroll by the user may load more. */
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
