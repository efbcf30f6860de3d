import { useEffect, useRef } from 'preact/hooks';

interface Shortcuts {
  /** Ctrl or ⌘, Shift, O */
  newChat(): void;
  /** Ctrl or ⌘, K */
  search(): void;
  escape(): void;
  /** Ctrl or ⌘, / */
  help(): void;
  /** Ctrl or ⌘, Z, where it does not undo typing. */
  undo(): void;
}

export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const action = actionFor(event);
      if (action === null) return;
      if (action !== 'escape') event.preventDefault();
      latest.current[action]();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, [contenteditable]');

function actionFor(event: KeyboardEvent): keyof Shortcuts | null {
  const key = event.key.toLowerCase();
  const command = event.ctrlKey || event.metaKey;
  if (key === 'escape' && !event.isComposing) return 'escape';
  if (command && !event.shiftKey && key === 'k') return 'search';
  if (command && event.shiftKey && key === 'o') return 'newChat';
  // Some layouts need Shift for a slash.
  if (command && key === '/') return 'help';
  if (command && !event.shiftKey && key === 'z' && !isTyping(event.target)) return 'undo';
  return null;
}
