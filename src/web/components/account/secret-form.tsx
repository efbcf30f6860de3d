import type { ComponentChildren } from 'preact';
import { useApp } from '../../state/app.js';
import { FormProblem } from '../controls/form-problem.js';
import type { FormSteps } from './secret-section.js';
import { useAct } from './use-act.js';

interface Props<Made> extends FormSteps<Made> {
  /** Called with the fields when the form is submitted. */
  make(fields: FormData): Promise<Made>;
  submitLabel: string;
  children: ComponentChildren;
}

/** The form for a new item of a `SecretSection`. */
export function SecretForm<Made>({ make, submitLabel, onCancel, onMade, children }: Props<Made>) {
  const { cancel } = useApp().preferences.texts.value;
  const { busy, error, act } = useAct();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const fields = new FormData(event.currentTarget);
    void act(async () => onMade(await make(fields)));
  };
  return (
    <form class="account-form" onSubmit={submit}>
      <FormProblem text={error} />
      {children}
      <div class="account-buttons">
        <button type="button" class="plain-button" onClick={onCancel}>
          {cancel}
        </button>
        <button type="submit" class="primary-button" disabled={busy.value}>
          {submitLabel}
        </button>
      </div>
    </form>
  );
}
