import { useEffect } from 'preact/hooks';
import type { Drawer } from '../../state/view/drawer.js';
import { DrawerSwipe } from './drawer-swipe.js';

type Place = { readonly current: HTMLElement | null };

const EVENTS = ['pointerdown', 'pointermove', 'pointerup', 'pointercancel'] as const;

/** Opens and closes the drawer with a finger, which the drawer follows. */
export function useDrawerSwipe(shell: Place, drawer: Drawer, isDrawer: boolean): void {
  useEffect(() => {
    const root = shell.current;
    if (root === null || !isDrawer) return;
    const swipe = new DrawerSwipe(root, drawer);
    const take = (event: PointerEvent) => swipe.take(event);
    for (const name of EVENTS) root.addEventListener(name, take);
    const ended = drawer.isOpen.subscribe(() => swipe.settle());
    return () => {
      ended();
      swipe.release();
      for (const name of EVENTS) root.removeEventListener(name, take);
    };
  }, [isDrawer]);
}
