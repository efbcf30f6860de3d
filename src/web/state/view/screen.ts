import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { createDrawer, type Drawer } from './drawer.js';

/** Dialogs of the whole page. At most one of them is open. */
export type DialogName =
  | 'account'
  | 'settings'
  | 'shortcuts'
  | 'palette'
  | 'conversation'
  | 'print';

/** A browser tells that a dialog was closed a moment later, when the same one may have been opened again. */
export interface OpenDialog {
  readonly name: DialogName;
  readonly serial: number;
}

export interface Renaming {
  conversationId: number;
  /** The part of the page in which its title is edited. */
  place: 'row' | 'header';
}

/** The open parts of the page, so that menus, keys and the command palette open the same. */
export interface Screen {
  dialog: ReadonlySignal<OpenDialog | null>;
  show(name: DialogName): void;
  /** Does nothing if another one was opened meanwhile. */
  hide(dialog: OpenDialog): void;
  renaming: Signal<Renaming | null>;
  /** The conversation of the dialog `conversation`. */
  configuring: Signal<number | null>;
  /** The conversation that is printed while the dialog `print` is open. */
  printing: Signal<number | null>;
  /** The message whose text is being edited. */
  editing: Signal<number | null>;
  /** The list shows the archive. */
  inArchive: Signal<boolean>;
  drawer: Drawer;
}

function createDialogs(): Pick<Screen, 'dialog' | 'show' | 'hide'> {
  const dialog = signal<OpenDialog | null>(null);
  let serial = 0;
  return {
    dialog,
    show(name) {
      serial += 1;
      dialog.value = { name, serial };
    },
    hide(closed) {
      if (dialog.peek()?.serial === closed.serial) dialog.value = null;
    },
  };
}

export const createScreen = (): Screen => ({
  ...createDialogs(),
  renaming: signal(null),
  configuring: signal(null),
  printing: signal(null),
  editing: signal(null),
  inArchive: signal(false),
  drawer: createDrawer(),
});
