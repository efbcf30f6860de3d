import { useLayoutEffect, useRef } from 'preact/hooks';
import { LIMITS } from '../../../contract/limits.js';
import { useApp } from '../../state/app.js';
import { isComposing } from '../controls/is-composing.js';
import { keepFocus } from '../hooks/keep-focus.js';

interface Props {
  title: string;
  onSave(title: string): void;
  onCancel(): void;
  /** Gets the focus if the element that had it is gone. */
  after?(): HTMLElement | null;
}

/** Enter or leaving the field saves, Esc does not. After a key the focus returns to where it was. */
export const TitleEditor = ({ title, onSave, onCancel, after }: Props) => {
  const texts = useApp().preferences.texts.value;
  const ref = useRef<HTMLInputElement>(null);
  const ended = useRef(false);
  const opener = useRef<Element | null>(null);
  // Runs before the next key arrives.
  useLayoutEffect(() => {
    opener.current = document.activeElement;
    ref.current?.select();
  }, []);
  const end = (save: boolean) => {
    if (ended.current) return;
    ended.current = true;
    if (save) onSave(ref.current?.value.trim() ?? '');
    else onCancel();
  };
  return (
    <input
      ref={ref}
      class="title-editor"
      dir="auto"
      aria-label={texts.titleLabel}
      maxLength={LIMITS.titleChars}
      defaultValue={title}
      onBlur={() => end(true)}
      onKeyDown={(event) => {
        if (isComposing(event) || (event.key !== 'Enter' && event.key !== 'Escape')) return;
        // Enter would otherwise also press the button that gets the focus.
        event.preventDefault();
        end(event.key === 'Enter');
        if (opener.current instanceof HTMLElement) opener.current.focus();
        // The row was replaced by its editor, so it is another element now.
        keepFocus(after);
      }}
    />
  );
};
