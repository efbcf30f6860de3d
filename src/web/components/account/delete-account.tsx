import { useSignal } from '@preact/signals';
import { LIMITS } from '../../../contract/limits.js';
import { useApp } from '../../state/app.js';
import { Field } from '../controls/field.js';
import { FormProblem } from '../controls/form-problem.js';
import { useFailure } from '../hooks/use-failure.js';
import { AccountSection } from './account-section.js';

export const DeleteAccount = () => {
  const texts = useApp().preferences.texts.value.account;
  const open = useSignal(false);
  const show = (shown: boolean) => () => {
    open.value = shown;
  };
  return (
    <AccountSection
      title={texts.deleteAccount}
      hint={texts.deleteHint}
      action={
        !open.value && (
          <button type="button" class="plain-button danger-text" onClick={show(true)}>
            {texts.deleteAccount}
          </button>
        )
      }
    >
      {open.value && <DeleteForm onCancel={show(false)} />}
    </AccountSection>
  );
};

const DeleteForm = ({ onCancel }: { onCancel(): void }) => {
  const { preferences, session, deleteAccount } = useApp();
  const { account: texts, cancel, working } = preferences.texts.value;
  const name = session.user.value?.username ?? '';
  const typed = useSignal('');
  const busy = useSignal(false);
  const failure = useFailure();

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy.value || typed.value.trim() !== name) return;
    busy.value = true;
    failure.clear();
    await deleteAccount().catch(failure.set);
    busy.value = false;
  };

  return (
    <form
      class="account-form"
      onSubmit={submit}
      onInput={(event) => {
        if (event.target instanceof HTMLInputElement) typed.value = event.target.value;
      }}
    >
      <FormProblem text={failure.text} />
      <Field
        label={texts.deleteConfirm(name)}
        name="confirm"
        autoComplete="off"
        maxLength={LIMITS.usernameMax}
        autoFocus
      />
      <div class="account-buttons">
        <button type="button" class="plain-button" onClick={onCancel}>
          {cancel}
        </button>
        <button
          type="submit"
          class="danger-button"
          disabled={busy.value || typed.value.trim() !== name}
        >
          {busy.value ? working : texts.deleteForGood}
        </button>
      </div>
    </form>
  );
};
