import { useSignal } from '@preact/signals';
import type { NewWebhook, Webhook } from '../../../contract/webhooks.js';
import { phrases, relativeTime } from '../../i18n/formats.js';
import type { Account } from '../../state/account.js';
import { useApp } from '../../state/app.js';
import { FormProblem } from '../controls/form-problem.js';
import { ShownOnce } from '../controls/shown-once.js';
import { AccountSection } from './account-section.js';
import { Outcome } from './outcome.js';
import { useAct } from './use-act.js';
import { WebhookForm } from './webhook-form.js';

const hostOf = ({ url }: Pick<Webhook, 'url'>): string => new URL(url).host;

/** Webhooks. The secret of a new one is shown until another is made or the dialog is closed. */
export const Webhooks = ({ account }: { account: Account }) => {
  const texts = useApp().preferences.texts.value.webhooks;
  const { busy, done, error, act } = useAct();
  const open = useSignal(false);
  const made = useSignal<NewWebhook | null>(null);
  const show = (shown: boolean) => () => {
    open.value = shown;
    made.value = null;
  };
  return (
    <AccountSection
      title={texts.title}
      hint={texts.hint}
      action={
        !open.value && (
          <button type="button" class="plain-button" onClick={show(true)}>
            {texts.create}
          </button>
        )
      }
    >
      {open.value && (
        <WebhookForm
          account={account}
          onCancel={show(false)}
          onMade={(webhook) => {
            open.value = false;
            made.value = webhook;
          }}
        />
      )}
      {made.value && (
        <ShownOnce label={texts.newSecret} hint={texts.shownOnce} value={made.value.secret} />
      )}
      <FormProblem text={error} />
      <WebhookList
        webhooks={account.webhooks.value ?? []}
        disabled={busy.value}
        onRemove={(webhook) =>
          act(
            async () => {
              await account.deleteWebhook(webhook.id);
              if (made.value?.id === webhook.id) made.value = null;
            },
            ({ webhooks }) => webhooks.removed(hostOf(webhook)),
          )
        }
      />
      <Outcome text={done} />
    </AccountSection>
  );
};

interface ListProps {
  webhooks: readonly Webhook[];
  disabled: boolean;
  onRemove(webhook: Webhook): void;
}

const WebhookList = ({ webhooks, disabled, onRemove }: ListProps) =>
  webhooks.length === 0 ? null : (
    <ul class="devices">
      {webhooks.map((webhook) => (
        <Row
          key={webhook.id}
          webhook={webhook}
          disabled={disabled}
          onRemove={() => onRemove(webhook)}
        />
      ))}
    </ul>
  );

interface RowProps {
  webhook: Webhook;
  disabled: boolean;
  onRemove(): void;
}

const Row = ({ webhook, disabled, onRemove }: RowProps) => {
  const { preferences } = useApp();
  const texts = preferences.texts.value.webhooks;
  const events = webhook.events.map((event) => texts.events[event]);
  return (
    <li class="device">
      <div class="device-text">
        <p class="device-name webhook-url">{webhook.url}</p>
        <p class="account-hint device-detail">
          <span>{phrases(events, preferences.language.value)}</span>
          <LastDelivery webhook={webhook} />
        </p>
      </div>
      <button
        type="button"
        class="quiet-button"
        aria-label={texts.removeOne(hostOf(webhook))}
        disabled={disabled}
        onClick={onRemove}
      >
        {texts.remove}
      </button>
    </li>
  );
};

const LastDelivery = ({ webhook: { last_delivery: last } }: { webhook: Webhook }) => {
  const { preferences } = useApp();
  const texts = preferences.texts.value.webhooks;
  if (!last) return <span>{texts.unused}</span>;
  const when = relativeTime(last.at, preferences.language.value);
  return <span>{last.ok ? texts.delivered(when) : texts.failed(when, last.status)}</span>;
};
