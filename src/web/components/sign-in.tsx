import { useSignal } from '@preact/signals';
import { LIMITS } from '../../contract/limits.js';
import { useApp } from '../state/app.js';
import { Field } from './field.js';
import { FormProblem } from './form-problem.js';
import { Logo } from './icons.js';
import { PasswordField } from './password-field.js';
import { PreferenceButtons } from './preference-buttons.js';

type Mode = 'login' | 'register';

export const SignIn = () => {
  const { preferences } = useApp();
  const mode = useSignal<Mode>('login');
  const texts = preferences.texts.value;
  return (
    <div class="sign-in">
      <header class="sign-in-top">
        <PreferenceButtons />
      </header>
      <main class="sign-in-card">
        <div class="brand brand-large">
          <Logo />
          <span>Parley</span>
        </div>
        <p class="tagline">{texts.tagline}</p>
        <SignInForm mode={mode.value} key={mode.value} />
        <p class="sign-in-switch">
          {mode.value === 'login' ? texts.noAccount : texts.haveAccount}{' '}
          <button
            type="button"
            class="link-button"
            onClick={() => {
              mode.value = mode.value === 'login' ? 'register' : 'login';
            }}
          >
            {mode.value === 'login' ? texts.register : texts.logIn}
          </button>
        </p>
      </main>
    </div>
  );
};

const SignInForm = ({ mode }: { mode: Mode }) => {
  const { session, preferences, explain } = useApp();
  const texts = preferences.texts.value;
  const busy = useSignal(false);
  const error = useSignal<string | null>(null);
  const joining = mode === 'register';

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy.value || !(event.currentTarget instanceof HTMLFormElement)) return;
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '');
    const body = { email: text('email').trim(), password: text('password') };
    busy.value = true;
    error.value = null;
    try {
      if (joining) await session.register({ ...body, username: text('username').trim() });
      else await session.logIn(body);
    } catch (reason) {
      error.value = explain(reason);
    }
    busy.value = false;
  };

  return (
    <form class="sign-in-form" onSubmit={submit}>
      <h1>{joining ? texts.registerTitle : texts.logInTitle}</h1>
      <FormProblem text={error.value ?? endedText(useApp())} />
      <Field
        label={texts.email}
        name="email"
        type="email"
        autoComplete={joining ? 'email' : 'username'}
        maxLength={LIMITS.emailChars}
        autoFocus
      />
      {joining && (
        <Field
          label={texts.username}
          name="username"
          hint={texts.usernameHint}
          autoComplete="nickname"
          minLength={LIMITS.usernameMin}
          maxLength={LIMITS.usernameMax}
        />
      )}
      <PasswordField isNew={joining} />
      <button class="primary-button" type="submit" disabled={busy.value}>
        {busy.value ? texts.working : joining ? texts.register : texts.logIn}
      </button>
    </form>
  );
};

function endedText({ session, preferences }: ReturnType<typeof useApp>): string | null {
  const code = session.endedBy.value;
  return code === null ? null : preferences.texts.value.errors[code];
}
