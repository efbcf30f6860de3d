import type { NewWebhook, Webhook } from '../../../contract/webhooks.js';
import { phrases, relativeTime } from '../../i18n/formats.js';
import type { Account } from '../../state/account.js';
import { useApp } from '../../state/app.js';
import { type RowControls, SecretSection } from './secret-section.js';
import { WebhookForm } from './webhook-form.js';

const hostOf = ({ url }: Pick<Webhook, 'url'>): string => new URL(url).host;

export const Webhooks = ({ account }: { account: Account }) => {
  const texts = useApp().preferences.texts.value.webhooks;
  return (
    <SecretSection<Webhook, NewWebhook>
      texts={texts}
      hint={texts.hint}
      items={account.webhooks.value ?? []}
      row={(webhook, controls) => <Row key={webhook.id} webhook={webhook} {...controls} />}
      remove={({ id }) => account.deleteWebhook(id)}
      removed={(webhook) =>
        ({ webhooks }) =>
          webhooks.removed(hostOf(webhook))
        }
      form={(steps) => <WebhookForm account={account} {...steps} />}
      secret={{ label: texts.newSecret, of: ({ secret }) => secret }}
    />
  );
};

const Row = ({ webhook, disabled, onRemove }: RowControls & { webhook: Webhook }) => {
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
