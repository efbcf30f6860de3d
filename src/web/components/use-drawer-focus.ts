import { useLayoutEffect, useRef } from 'preact/hooks';

type Place = { readonly current: HTMLElement | null };

/** What is under an open drawer is inert, so the focus goes into the drawer, and back when it closes. */
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
      // In the next frame the thread can have it again.
      if (isLost) requestAnimationFrame(() => giveBack(shell.current, opener.current));
    };
  }, [isOpen]);
}

function giveBack(shell: HTMLElement | null, opener: Element | null): void {
  const before = opener instanceof HTMLElement && opener.isConnected ? opener : null;
  const menu = shell?.querySelector<HTMLElement>('.main header .icon-button') ?? null;
  const target = before === null || before === document.body ? menu : before;
  target?.focus({ preventScroll: true });
}
