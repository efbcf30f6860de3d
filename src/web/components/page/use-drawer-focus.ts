import { useLayoutEffect, useRef } from 'preact/hooks';
import { ON_TOUCH } from '../hooks/use-media-query.js';

type Place = { readonly current: HTMLElement | null };

/** The page under an open drawer is inert. So the focus goes into the drawer, and back when it closes. */
export function useDrawerFocus(shell: Place, isOpen: boolean): void {
  const opener = useRef<Element | null>(null);
  useLayoutEffect(() => {
    const list = shell.current?.querySelector('.sidebar');
    if (!isOpen || !list) return;
    opener.current = document.activeElement;
    list.querySelector<HTMLElement>('.sidebar-top .icon-button')?.focus({ preventScroll: true });
    return () => {
      const focused = document.activeElement;
      const isLost = focused === document.body || list.contains(focused);
      // The thread can have the focus again in the next frame.
      if (isLost) requestAnimationFrame(() => giveBack(shell.current, opener.current));
    };
  }, [isOpen]);
}

function giveBack(shell: HTMLElement | null, opener: Element | null): void {
  const before = opener instanceof HTMLElement && opener.isConnected ? opener : null;
  const menu = shell?.querySelector<HTMLElement>('.main header .icon-button') ?? null;
  // A field would open the keyboard of a touch screen over the thread.
  const isField = before?.matches('input, textarea') && matchMedia(ON_TOUCH).matches;
  const target = before === null || before === document.body || isField ? menu : before;
  target?.focus({ preventScroll: true });
}
