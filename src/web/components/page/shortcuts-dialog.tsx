import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from '../../state/app.js';
import { commandKey } from '../controls/command-key.js';

/** Lists the keys of the page. The browser keeps focus inside and closes it on Esc. */
export const ShortcutsDialog = ({ onClose }: { onClose(): void }) => {
  const texts = useApp().preferences.texts.value;
  const { title, keys } = texts.shortcuts;
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    ref.current?.showModal();
    // A small screen would begin at the end of the list with the focus on the button.
    heading.current?.focus();
  }, []);
  return (
    <dialog
      ref={ref}
      class="dialog shortcuts"
      aria-labelledby={id}
      onClose={onClose}
      closedby="any"
    >
      <h2 id={id} ref={heading} tabIndex={-1}>
        {title}
      </h2>
      <dl>
        {keys(commandKey()).map(([combination, does]) => (
          <div key={combination.join()}>
            <dt>
              {combination.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <div class="dialog-buttons">
        <button type="button" class="plain-button" onClick={() => ref.current?.close()}>
          {texts.close}
        </button>
      </div>
    </dialog>
  );
};
