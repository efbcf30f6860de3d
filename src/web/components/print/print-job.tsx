import { useSignal } from '@preact/signals';
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks';
import { readWholeBranch, type WholeBranch } from '../../state/answers/whole-branch.js';
import { useApp, useChat } from '../../state/app.js';
import { PrintSheet } from './print-sheet.js';

/**
 * Prints a conversation: reads all its messages, shows them on a sheet of their own, and opens the browser's dialog.
 */
export const PrintJob = ({ onClose }: { onClose(): void }) => {
  const { screen, report } = useApp();
  const chat = useChat();
  const id = screen.printing.peek();
  const read = useSignal(0);
  const branch = useSignal<WholeBranch | null>(null);
  const work = useRef(new AbortController());
  useEffect(() => {
    if (id === null) return onClose();
    const { signal } = work.current;
    const open = chat.conversation.peek();
    const onProgress = (count: number) => {
      read.value = count;
    };
    const leafId = open?.id === id ? open.lookingAt : null;
    readWholeBranch(chat.client.rest, id, { leafId, signal, onProgress }).then(
      (whole) => {
        branch.value = whole;
      },
      (error: unknown) => {
        if (signal.aborted) return;
        report(error);
        onClose();
      },
    );
    return () => work.current.abort();
  }, []);
  if (branch.value === null || id === null)
    return <Progress count={read.value} onClose={onClose} />;
  return <PrintSheet conversationId={id} branch={branch.value} onPrinted={onClose} />;
};

const Progress = ({ count, onClose }: { count: number; onClose(): void }) => {
  const texts = useApp().preferences.texts.value;
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    // Closed, it gives the focus back; removed, it would not.
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={ref} class="dialog" aria-labelledby={id} onCancel={onClose}>
      <h2 id={id}>{texts.print.title}</h2>
      <p role="status">{texts.print.progress(count)}</p>
      <div class="dialog-buttons">
        <button type="button" class="plain-button" onClick={onClose}>
          {texts.cancel}
        </button>
      </div>
    </dialog>
  );
};
