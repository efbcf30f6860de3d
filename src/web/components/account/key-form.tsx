import type { KeyBody, NewApiKey } from '../../../contract/keys.js';
import { LIMITS } from '../../../contract/limits.js';
import { SCOPES, type Scope } from '../../../contract/scopes.js';
import type { Account } from '../../state/account.js';
import { useApp } from '../../state/app.js';
import { explained, Told } from '../../state/view/explain.js';
import { Checks } from '../controls/checks.js';
import { Choice } from '../controls/choice.js';
import { Field } from '../controls/field.js';
import { FormProblem } from '../controls/form-problem.js';
import type { FormSteps } from './secret-section.js';
import { useAct } from './use-act.js';

const DAY_MS = 86_400_000;
/** 0: never. */
const DAYS = [30, 90, 365, 0];
const DEFAULT_DAYS = 90;
const DEFAULT_SCOPE: Scope = 'chat';

const TOO_MANY = explained(({ keys }) => keys.tooMany);

interface Props extends FormSteps<NewApiKey> {
  account: Account;
}

export const KeyForm = ({ account, onCancel, onMade }: Props) => {
  const { cancel, keys: texts } = useApp().preferences.texts.value;
  const { busy, error, act } = useAct();

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const body = bodyOf(new FormData(event.currentTarget));
    void act(async () => {
      if (body.scopes?.length === 0) throw new Told(({ keys }) => keys.noScope);
      onMade(await account.createKey(body).catch(TOO_MANY));
    });
  };

  return (
    <form class="account-form" onSubmit={submit}>
      <FormProblem text={error} />
      <Field
        label={texts.name}
        name="name"
        hint={texts.nameHint}
        autoComplete="off"
        maxLength={LIMITS.keyNameChars}
        autoFocus
      />
      <Checks
        legend={texts.mayDo}
        name="scope"
        choices={SCOPES}
        label={texts.scopes}
        isChecked={(scope) => scope === DEFAULT_SCOPE}
      />
      <Choice
        label={texts.lasts}
        name="days"
        value={String(DEFAULT_DAYS)}
        choices={DAYS.map((days) => [String(days), days === 0 ? texts.forever : texts.days(days)])}
      />
      <div class="account-buttons">
        <button type="button" class="plain-button" onClick={onCancel}>
          {cancel}
        </button>
        <button type="submit" class="primary-button" disabled={busy.value}>
          {texts.create}
        </button>
      </div>
    </form>
  );
};

function bodyOf(form: FormData): KeyBody {
  const days = Number(form.get('days'));
  const given = form.getAll('scope');
  return {
    name: String(form.get('name') ?? ''),
    scopes: SCOPES.filter((scope) => given.includes(scope)),
    ...(days > 0 && { expires_at: new Date(Date.now() + days * DAY_MS).toISOString() }),
  };
}
