import type { ComponentType } from 'preact';
import { useApp } from '../../state/app.js';
import type { DialogName } from '../../state/view/screen.js';
import { Guard } from '../controls/guard.js';
import { Later } from './later.js';

type Dialog = ComponentType<{ onClose(): void }>;

/** Each is a chunk of its own, so that the first load stays small. */
const DIALOGS: Record<DialogName, () => Promise<Dialog>> = {
  account: () => import('../account/account-dialog.js').then((part) => part.AccountDialog),
  settings: () => import('../settings/settings-dialog.js').then((part) => part.SettingsDialog),
  shortcuts: () => import('./shortcuts-dialog.js').then((part) => part.ShortcutsDialog),
  conversation: () =>
    import('../conversation/configuring-dialog.js').then((part) => part.ConfiguringDialog),
  print: () => import('../print/print-job.js').then((part) => part.PrintJob),
  palette: () => import('../palette/palette-dialog.js').then((part) => part.PaletteDialog),
};

/** The dialog that is open, if one is. */
export const PageDialogs = () => {
  const { screen } = useApp();
  const dialog = screen.dialog.value;
  if (dialog === null) return null;
  const { name, serial } = dialog;
  return (
    <Guard of={dialog} fallback={null}>
      <Later key={serial} load={DIALOGS[name]} onClose={() => screen.hide(dialog)} />
    </Guard>
  );
};
