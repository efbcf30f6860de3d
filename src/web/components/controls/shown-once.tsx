import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from '../../state/app.js';
import { CopyButton } from './copy-button.js';

interface Props {
  label: string;
  hint: string;
  value: string;
}

/** A secret that the server does not show again, selected and ready to be copied. */
export const ShownOnce = ({ label, hint, value }: Props) => {
  const { copyOf } = useApp().preferences.texts.value;
  const id = useId();
  const ref = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    ref.current?.focus();
    ref.current?.select();
  }, [value]);
  return (
    <div class="field shown-once">
      <label for={id}>{label}</label>
      <div class="field-box">
        <input
          ref={ref}
          id={id}
          readOnly
          value={value}
          aria-describedby={`${id}-hint`}
          onFocus={(event) => event.currentTarget.select()}
        />
        <CopyButton label={copyOf(label)} text={() => value} />
      </div>
      <p class="field-hint" id={`${id}-hint`}>
        {hint}
      </p>
    </div>
  );
};
