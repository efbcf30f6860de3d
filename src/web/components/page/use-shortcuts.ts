import { useEffect, useRef } from 'preact/hooks';
import { isComposing } from '../controls/is-composing.js';

interface Shortcuts {
  /** Ctrl or ⌘, Shift, O */
  newChat(): void;
  /** Ctrl or ⌘, K */
  palette(): void;
  /** An open part of the page takes it first, as a menu does. */
  escape(): void;
  /** `?` where nothing is typed, or Ctrl or ⌘, / */
  help(): void;
  /** Ctrl or ⌘, P. False: the browser prints what it shows. */
  print(): boolean;
  /** Ctrl or ⌘, Z, where it does not undo typing. */
  undo(): void;
}

/** Keys of the whole page. While a dialog is open they are the dialog's. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector('dialog[open]') !== null) return;
      const action = actionFor(event);
      if (action === null) return;
      const done = latest.current[action]();
      if (action !== 'escape' && done !== false) event.preventDefault();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');

function actionFor(event: KeyboardEvent): keyof Shortcuts | null {
  const key = event.key.toLowerCase();
  const command = event.ctrlKey || event.metaKey;
  // The key closes the list of options in a `select`.
  const isFree = !(event.target instanceof HTMLSelectElement) && !isComposing(event);
  if (key === 'escape') return isFree ? 'escape' : null;
  if (command && !event.shiftKey && key === 'k') return 'palette';
  if (command && !event.shiftKey && key === 'p') return 'print';
  if (command && event.shiftKey && key === 'o') return 'newChat';
  // Some layouts need Shift for a slash.
  if (command && key === '/') return 'help';
  if (isTyping(event.target)) return null;
  if (!command && !event.altKey && key === '?') return 'help';
  return command && !event.shiftKey && key === 'z' ? 'undo' : null;
}
