import { LIMITS } from '../../../contract/limits.js';
import { type NewWebhook, WEBHOOK_EVENTS, type WebhookBody } from '../../../contract/webhooks.js';
import type { Account } from '../../state/account.js';
import { useApp } from '../../state/app.js';
import { explained, Told } from '../../state/view/explain.js';
import { Checks } from '../controls/checks.js';
import { Field } from '../controls/field.js';
import { SecretForm } from './secret-form.js';
import type { FormSteps } from './secret-section.js';

const TOO_MANY = explained(({ webhooks }) => webhooks.tooMany);

interface Props extends FormSteps<NewWebhook> {
  account: Account;
}

export const WebhookForm = ({ account, ...steps }: Props) => {
  const { webhooks: texts } = useApp().preferences.texts.value;

  const make = async (fields: FormData) => {
    const body = bodyOf(fields);
    if (body.events.length === 0) throw new Told(({ webhooks }) => webhooks.noEvent);
    return account.createWebhook(body).catch(TOO_MANY);
  };

  return (
    <SecretForm make={make} submitLabel={texts.create} {...steps}>
      <Field
        label={texts.url}
        name="url"
        type="url"
        hint={texts.urlHint}
        autoComplete="off"
        maxLength={LIMITS.webhookUrlChars}
        autoFocus
      />
      <Checks
        legend={texts.about}
        name="event"
        choices={WEBHOOK_EVENTS}
        label={texts.events}
        isChecked={() => true}
      />
    </SecretForm>
  );
};

function bodyOf(form: FormData): WebhookBody {
  const given = form.getAll('event');
  return {
    url: String(form.get('url') ?? '').trim(),
    events: WEBHOOK_EVENTS.filter((event) => given.includes(event)),
  };
}
