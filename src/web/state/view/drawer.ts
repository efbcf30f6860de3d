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
  /** The history is on its way back. Another step would leave the page below. */
  let isClosing = false;
  const close = () => {
    if (!isOpen.peek() || isClosing) return;
    isClosing = entryState().drawer === true;
    if (isClosing) history.back();
    else isOpen.value = false;
  };
  addEventListener('popstate', () => {
    isClosing = false;
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
