import { LIMITS } from '../../../contract/limits.js';
import { type NewWebhook, WEBHOOK_EVENTS, type WebhookBody } from '../../../contract/webhooks.js';
import type { Account } from '../../state/account.js';
import { useApp } from '../../state/app.js';
import { explained, Told } from '../../state/view/explain.js';
import { Checks } from '../controls/checks.js';
import { Field } from '../controls/field.js';
import { FormProblem } from '../controls/form-problem.js';
import type { FormSteps } from './secret-section.js';
import { useAct } from './use-act.js';

const TOO_MANY = explained(({ webhooks }) => webhooks.tooMany);

interface Props extends FormSteps<NewWebhook> {
  account: Account;
}

export const WebhookForm = ({ account, onCancel, onMade }: Props) => {
  const { cancel, webhooks: texts } = useApp().preferences.texts.value;
  const { busy, error, act } = useAct();

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const body = bodyOf(new FormData(event.currentTarget));
    void act(async () => {
      if (body.events.length === 0) throw new Told(({ webhooks }) => webhooks.noEvent);
      onMade(await account.createWebhook(body).catch(TOO_MANY));
    });
  };

  return (
    <form class="account-form" onSubmit={submit}>
      <FormProblem text={error} />
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

function bodyOf(form: FormData): WebhookBody {
  const given = form.getAll('event');
  return {
    url: String(form.get('url') ?? '').trim(),
    events: WEBHOOK_EVENTS.filter((event) => given.includes(event)),
  };
}
