import { useSignal } from '@preact/signals';
import { ParleyError } from '../../../client/index.js';
import type { Account } from '../../state/account.js';
import { useApp } from '../../state/app.js';
import { FormProblem } from '../controls/form-problem.js';
import { PasswordField } from '../controls/password-field.js';
import { useFailure } from '../hooks/use-failure.js';
import { AccountSection } from './account-section.js';
import { Outcome } from './outcome.js';

export const ChangePassword = ({ account }: { account: Account }) => {
  const texts = useApp().preferences.texts.value.account;
  const open = useSignal(false);
  const done = useSignal(false);
  const show = (shown: boolean) => () => {
    open.value = shown;
    done.value = false;
  };
  return (
    <AccountSection
      title={texts.password}
      hint={texts.passwordHint}
      action={
        !open.value && (
          <button type="button" class="plain-button" onClick={show(true)}>
            {texts.changePassword}
          </button>
        )
      }
    >
      {open.value && (
        <PasswordForm
          account={account}
          onCancel={show(false)}
          onDone={() => {
            open.value = false;
            done.value = true;
          }}
        />
      )}
      <Outcome text={done.value ? texts.passwordChanged : null} />
    </AccountSection>
  );
};

interface FormProps {
  account: Account;
  onCancel(): void;
  onDone(): void;
}

const PasswordForm = ({ account, onCancel, onDone }: FormProps) => {
  const { preferences, session, explain } = useApp();
  const { account: texts, cancel, working } = preferences.texts.value;
  const busy = useSignal(false);
  const failure = useFailure((error) => (isWrong(error) ? texts.wrongPassword : explain(error)));

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy.value || !(event.currentTarget instanceof HTMLFormElement)) return;
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '');
    busy.value = true;
    failure.clear();
    try {
      await account.changePassword(text('current_password'), text('new_password'));
      onDone();
    } catch (error) {
      failure.set(error);
    }
    busy.value = false;
  };

  return (
    <form class="account-form" onSubmit={submit}>
      <FormProblem text={failure.text} />
      <UserNameForManagers email={session.user.value?.email ?? ''} />
      <PasswordField name="current_password" label={texts.currentPassword} autoFocus />
      <PasswordField name="new_password" label={texts.newPassword} isNew />
      <div class="account-buttons">
        <button type="button" class="plain-button" onClick={onCancel}>
          {cancel}
        </button>
        <button type="submit" class="primary-button" disabled={busy.value}>
          {busy.value ? working : texts.changePassword}
        </button>
      </div>
    </form>
  );
};

/** Tells password managers whose password it is. */
const UserNameForManagers = ({ email }: { email: string }) => (
  <input
    class="visually-hidden"
    type="text"
    name="username"
    autoComplete="username"
    aria-hidden="true"
    tabIndex={-1}
    readOnly
    value={email}
  />
);

const isWrong = (error: unknown): boolean =>
  error instanceof ParleyError && error.code === 'invalid_credentials';
