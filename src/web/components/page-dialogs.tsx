import type { ComponentType } from 'preact';
import { useApp } from '../state/app.js';
import type { DialogName } from '../state/screen.js';
import { Guard } from './guard.js';
import { Later } from './later.js';

type Dialog = ComponentType<{ onClose(): void }>;

/** Each is a chunk of its own, so that the first load stays small. */
const DIALOGS: Record<DialogName, () => Promise<Dialog>> = {
  account: () => import('./account/account-dialog.js').then((part) => part.AccountDialog),
  settings: () => import('./settings/settings-dialog.js').then((part) => part.SettingsDialog),
  shortcuts: () => import('./shortcuts-dialog.js').then((part) => part.ShortcutsDialog),
  conversation: () => import('./configuring-dialog.js').then((part) => part.ConfiguringDialog),
  print: () => import('./print/print-job.js').then((part) => part.PrintJob),
  palette: () => import('./palette/palette-dialog.js').then((part) => part.PaletteDialog),
};

/** The dialog that is open, if one is. */
export const PageDialogs = () => {
  const { dialog } = useApp().screen;
  const name = dialog.value;
  if (name === null) return null;
  // What closes may have opened another one.
  const close = () => {
    if (dialog.value === name) dialog.value = null;
  };
  return (
    <Guard of={name} fallback={null}>
      <Later key={name} load={DIALOGS[name]} onClose={close} />
    </Guard>
  );
};
