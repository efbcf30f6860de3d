import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { LIMITS } from '../../../contract/limits.js';
import { type App, useApp } from '../../state/app.js';
import { ADMIN_HREF } from '../../state/view/route.js';
import { Field } from '../controls/field.js';
import { FormProblem } from '../controls/form-problem.js';
import { Logo } from '../controls/icons.js';
import { PasswordField } from '../controls/password-field.js';
import { PreferenceButtons } from '../controls/preference-buttons.js';
import { useFailure } from '../hooks/use-failure.js';

type Mode = 'login' | 'register';

export const Login = () => {
  const { preferences, admission, router } = useApp();
  /** Null: the form that fits the server and the address. */
  const chosen = useSignal<Mode | null>(null);
  const email = useSignal('');
  const texts = preferences.texts.value;
  const invitation = router.invitation.value;
  useEffect(() => {
    void admission.load();
  }, [invitation]);
  const isNew = admission.state.value === 'first' || admission.invited.value !== null;
  const mode = chosen.value ?? (isNew ? 'register' : 'login');
  return (
    <div class="login">
      <header class="login-top">
        <PreferenceButtons />
      </header>
      <main class="login-card">
        <div class="brand brand-large">
          <Logo />
          <span>Parley</span>
        </div>
        <p class="tagline">{texts.tagline}</p>
        <LoginForm
          mode={mode}
          key={mode}
          email={email.value}
          onEmail={(value) => {
            email.value = value;
          }}
        />
        <Switch
          mode={mode}
          onSwitch={(next) => {
            chosen.value = next;
          }}
        />
      </main>
    </div>
  );
};

/** The way to the other form, or the reason why there is none. */
const Switch = ({ mode, onSwitch }: { mode: Mode; onSwitch(mode: Mode): void }) => {
  const { preferences, admission } = useApp();
  const texts = preferences.texts.value;
  const state = admission.state.value;
  if (state === 'first') return null;
  const isShut = (state === 'invite' || state === 'closed') && admission.invited.value === null;
  if (mode === 'login' && isShut) {
    const { inviteOnly, closed } = texts.registration;
    return <p class="login-switch">{state === 'invite' ? inviteOnly : closed}</p>;
  }
  const other = mode === 'login' ? 'register' : 'login';
  return (
    <p class="login-switch">
      {mode === 'login' ? texts.noAccount : texts.haveAccount}
      {texts.gap}
      <button type="button" class="link-button" onClick={() => onSwitch(other)}>
        {mode === 'login' ? texts.register : texts.logIn}
      </button>
    </p>
  );
};

interface FormProps {
  mode: Mode;
  email: string;
  onEmail(email: string): void;
}

const LoginForm = ({ mode, email, onEmail }: FormProps) => {
  const app = useApp();
  const { preferences, admission, expectChat } = app;
  const texts = preferences.texts.value;
  const busy = useSignal(false);
  const failure = useFailure();
  const joining = mode === 'register';
  const invited = joining ? admission.invited.value : null;

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy.value || !(event.currentTarget instanceof HTMLFormElement)) return;
    busy.value = true;
    failure.clear();
    try {
      await enter(app, joining, new FormData(event.currentTarget));
    } catch (error) {
      failure.set(error);
      // Another person may have been first, or the invitation was withdrawn.
      if (joining) void admission.load();
    }
    busy.value = false;
  };

  return (
    <form class="login-form" onInput={expectChat} onSubmit={submit}>
      <Welcome joining={joining} />
      <FormProblem text={failure.text ?? endedText(app)} />
      <Field
        label={texts.email}
        name="email"
        type="email"
        autoComplete={joining ? 'email' : 'username'}
        maxLength={LIMITS.emailChars}
        autoFocus
        value={invited?.email ?? email}
        readOnly={invited?.email != null}
        onValue={onEmail}
        key={invited?.email ?? ''}
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

/** The title of the form. */
const Welcome = ({ joining }: { joining: boolean }) => {
  const { preferences, admission } = useApp();
  const texts = preferences.texts.value;
  const { registration } = texts;
  if (!joining) return <h1>{texts.logInTitle}</h1>;
  const [title, hint] =
    admission.state.value === 'first'
      ? [registration.firstTitle, registration.firstHint]
      : admission.invited.value !== null
        ? [registration.invitedTitle, registration.invitedHint]
        : [texts.registerTitle, null];
  return (
    <div>
      <h1>{title}</h1>
      {hint !== null && <p class="login-hint">{hint}</p>}
    </div>
  );
};

/** Logs in, and leaves the address of an invitation: its token is worth nothing any more. */
async function enter(app: App, joining: boolean, form: FormData): Promise<void> {
  const { session, admission, router, founded } = app;
  const text = (name: string) => String(form.get(name) ?? '');
  const body = { email: text('email').trim(), password: text('password') };
  const isInvited = router.invitation.value !== null;
  if (!joining) await session.logIn(body);
  else {
    const token = admission.invited.value?.token;
    const invitation = token === undefined ? {} : { invitation: token };
    const user = await session.register({
      ...{ ...body, username: text('username').trim() },
      ...invitation,
    });
    // The first account of all was made, so the server may now be tried.
    founded.value = token === undefined && user.roles.includes('admin');
  }
  if (founded.value) location.hash = ADMIN_HREF;
  else if (isInvited) router.replace(null);
}

function endedText({ session, admission, router, preferences, explain }: App): string | null {
  const refusal = router.invitation.value === null ? null : admission.refusal.value;
  if (refusal !== null) return explain(refusal);
  const code = session.endedBy.value;
  return code === null ? null : preferences.texts.value.errors[code];
}
