import type { KeyBody, NewApiKey } from '../../../contract/keys.js';
import { LIMITS } from '../../../contract/limits.js';
import { SCOPES, type Scope } from '../../../contract/scopes.js';
import type { Account } from '../../state/account.js';
import { useApp } from '../../state/app.js';
import { explained, Told } from '../../state/view/explain.js';
import { Checks } from '../controls/checks.js';
import { Choice } from '../controls/choice.js';
import { Field } from '../controls/field.js';
import { SecretForm } from './secret-form.js';
import type { FormSteps } from './secret-section.js';

const DAY_MS = 86_400_000;
/** 0: never. */
const DAYS = [30, 90, 365, 0];
const DEFAULT_DAYS = 90;
const DEFAULT_SCOPE: Scope = 'chat';

const TOO_MANY = explained(({ keys }) => keys.tooMany);

interface Props extends FormSteps<NewApiKey> {
  account: Account;
}

export const KeyForm = ({ account, ...steps }: Props) => {
  const { keys: texts } = useApp().preferences.texts.value;

  const make = async (fields: FormData) => {
    const body = bodyOf(fields);
    if (body.scopes?.length === 0) throw new Told(({ keys }) => keys.noScope);
    return account.createKey(body).catch(TOO_MANY);
  };

  return (
    <SecretForm make={make} submitLabel={texts.create} {...steps}>
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
    </SecretForm>
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
