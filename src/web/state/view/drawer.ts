import { type ReadonlySignal, signal } from '@preact/signals';
import { entryState } from './route.js';

/** The list of conversations, where the window is too narrow to show it beside the thread. */
export interface Drawer {
  isOpen: ReadonlySignal<boolean>;
  open(): void;
  close(): void;
}

/** The list of conversations is a drawer at these widths. */
export const NARROW = '(max-width: 800px)';

/** The history has one entry more while it is open, so that the back button closes it. */
export function createDrawer(): Drawer {
  const isOpen = signal(false);
  const narrow = matchMedia(NARROW);
  const close = () => {
    if (!isOpen.peek()) return;
    if (entryState().drawer) history.back();
    else isOpen.value = false;
  };
  addEventListener('popstate', () => {
    isOpen.value = narrow.matches && entryState().drawer === true;
  });
  narrow.addEventListener('change', () => {
    if (!narrow.matches) close();
  });
  return {
    isOpen,
    open: () => {
      if (isOpen.peek() || !narrow.matches) return;
      history.pushState({ ...entryState(), drawer: true }, '');
      isOpen.value = true;
    },
    close,
  };
}
