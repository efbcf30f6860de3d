import { type Signal, signal } from '@preact/signals';
import { createDrawer, type Drawer } from './drawer.js';

/** Dialogs of the whole page. At most one of them is open. */
export type DialogName =
  | 'account'
  | 'settings'
  | 'shortcuts'
  | 'palette'
  | 'conversation'
  | 'print';

export interface Renaming {
  conversationId: number;
  /** Where its title is edited. */
  place: 'row' | 'header';
}

/** What is open on the page, so that menus, keys and the command palette open the same. */
export interface Screen {
  dialog: Signal<DialogName | null>;
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

export const createScreen = (): Screen => ({
  dialog: signal(null),
  renaming: signal(null),
  configuring: signal(null),
  printing: signal(null),
  editing: signal(null),
  inArchive: signal(false),
  drawer: createDrawer(),
});
