import { useEffect, useRef } from 'preact/hooks';
import { LIMITS } from '../../contract/limits.js';
import { useApp } from '../state/app.js';

interface Props {
  title: string;
  onSave(title: string): void;
  onCancel(): void;
}

/** Enter or leaving the field saves, Esc does not. */
export const TitleEditor = ({ title, onSave, onCancel }: Props) => {
  const texts = useApp().preferences.texts.value;
  const ref = useRef<HTMLInputElement>(null);
  const ended = useRef(false);
  useEffect(() => ref.current?.select(), []);
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
      aria-label={texts.titleLabel}
      maxLength={LIMITS.titleChars}
      defaultValue={title}
      onBlur={() => end(true)}
      onKeyDown={(event) => {
        if (event.isComposing) return;
        if (event.key === 'Enter') end(true);
        if (event.key === 'Escape') end(false);
      }}
    />
  );
};
