import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from '../../state/app.js';

interface Props {
  title: string;
  body: string;
  confirm: string;
  onConfirm(): void;
  onClose(): void;
}

/** Asks before something that cannot be undone. The browser keeps focus inside and closes it on Esc. */
export const ConfirmDialog = ({ title, body, confirm, onConfirm, onClose }: Props) => {
  const texts = useApp().preferences.texts.value;
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => ref.current?.showModal(), []);
  return (
    <dialog
      ref={ref}
      class="dialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-body`}
      onClose={onClose}
    >
      <h2 id={`${id}-title`}>{title}</h2>
      <p id={`${id}-body`}>{body}</p>
      <div class="dialog-buttons">
        <button type="button" class="plain-button" onClick={() => ref.current?.close()}>
          {texts.cancel}
        </button>
        <button
          type="button"
          class="danger-button"
          onClick={() => {
            onConfirm();
            ref.current?.close();
          }}
        >
          {confirm}
        </button>
      </div>
    </dialog>
  );
};
