import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { keepFocus } from '../hooks/keep-focus.js';
import { ON_TOUCH } from '../hooks/use-media-query.js';

interface Props {
  label: string;
  name: string;
  type?: 'text' | 'email' | 'password' | 'url';
  autoComplete: string;
  minLength?: number;
  maxLength: number;
  /** The pattern that the browser accepts. */
  pattern?: string;
  hint?: string;
  autoFocus?: boolean;
  /** The value at first, kept by the caller. */
  value?: string;
  onValue?(value: string): void;
  readOnly?: boolean;
  optional?: boolean;
  children?: ComponentChildren;
}

function formOf(field: HTMLElement | null): HTMLElement | null {
  const form = field?.closest('form') ?? null;
  if (form) form.tabIndex = -1;
  return form;
}

/** Preact's types know one kind of input at a time. */
type AnyType = 'text';

export const Field = (props: Props) => {
  const { label, type = 'text', minLength = 0, hint, autoFocus = false, children } = props;
  const id = useId();
  const ref = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (!autoFocus) return;
    if (!matchMedia(ON_TOUCH).matches) ref.current?.focus();
    // Nothing had the focus when the page was opened.
    else if (navigator.userActivation.hasBeenActive) keepFocus(() => formOf(ref.current));
  }, [autoFocus]);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-box">
        <input
          ref={ref}
          id={id}
          required={!(props.optional ?? false)}
          readOnly={props.readOnly ?? false}
          defaultValue={props.value}
          onInput={(event) => props.onValue?.(event.currentTarget.value)}
          spellcheck={false}
          autoCapitalize="none"
          type={type as AnyType}
          name={props.name}
          autoComplete={props.autoComplete}
          minLength={minLength}
          maxLength={props.maxLength}
          pattern={props.pattern}
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        />
        {children}
      </div>
      {hint !== undefined && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
};
