import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { ChatMessage } from '../../../client/index.js';
import { RowWindow, type ShownSpan } from './row-window.js';

export interface ShownRows {
  rows: RowWindow;
  spans: readonly ShownSpan[];
}

/** The messages that are in the document. */
export function useRowWindow(
  messages: readonly ChatMessage[],
  editingId: number | null,
): ShownRows {
  const whole = useSignal(false);
  const window = useRef<RowWindow | null>(null);
  window.current ??= new RowWindow();
  const rows = window.current;
  const known = rows.take(messages);
  useWholePrint(whole);
  const spans = useMemo(
    () => rows.spans({ whole: whole.value, editingId }),
    [known, rows.wanted, whole.value, editingId],
  );
  return { rows, spans };
}

/** The browser's own print has all of them. */
function useWholePrint(whole: Signal<boolean>): void {
  useEffect(() => {
    const set = ({ type }: Event) => {
      whole.value = type === 'beforeprint';
    };
    const events = ['beforeprint', 'afterprint'];
    for (const name of events) addEventListener(name, set);
    return () => {
      for (const name of events) removeEventListener(name, set);
    };
  }, []);
}
