import { useSignal } from '@preact/signals';
import { LIMITS } from '../../../contract/limits.js';
import { useApp } from '../../state/app.js';
import { Field } from './field.js';
import { Icon } from './icons.js';

interface Props {
  isNew?: boolean;
  /** Distinguishes the fields of a form with more than one. */
  name?: string;
  label?: string;
  autoFocus?: boolean;
}

export const PasswordField = ({ isNew = false, name = 'password', label, autoFocus }: Props) => {
  const texts = useApp().preferences.texts.value;
  const visible = useSignal(false);
  return (
    <Field
      label={label ?? texts.password}
      name={name}
      type={visible.value ? 'text' : 'password'}
      autoComplete={isNew ? 'new-password' : 'current-password'}
      maxLength={LIMITS.passwordMaxBytes}
      autoFocus={autoFocus ?? false}
      {...(isNew ? { hint: texts.passwordHint, minLength: LIMITS.passwordMinBytes } : {})}
    >
      <button
        type="button"
        class="icon-button"
        aria-pressed={visible.value}
        aria-label={visible.value ? texts.hidePassword : texts.showPassword}
        onClick={() => {
          visible.value = !visible.value;
        }}
      >
        <Icon name="eye" />
      </button>
    </Field>
  );
};
