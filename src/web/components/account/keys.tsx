import { useSignal } from '@preact/signals';
import type { ApiKey, NewApiKey } from '../../../contract/keys.js';
import { phrases, relativeTime } from '../../i18n/formats.js';
import type { Account } from '../../state/account.js';
import { useApp } from '../../state/app.js';
import { FormProblem } from '../controls/form-problem.js';
import { ShownOnce } from '../controls/shown-once.js';
import { AccountSection } from './account-section.js';
import { KeyForm } from './key-form.js';
import { Outcome } from './outcome.js';
import { useAct } from './use-act.js';

/** Keys for programs. A new one is shown until another is made or the dialog is closed. */
export const Keys = ({ account }: { account: Account }) => {
  const { language, texts: all } = useApp().preferences;
  const texts = all.value.keys;
  const { busy, done, error, act } = useAct();
  const open = useSignal(false);
  const made = useSignal<NewApiKey | null>(null);
  const show = (shown: boolean) => () => {
    open.value = shown;
    made.value = null;
  };
  return (
    <AccountSection
      title={texts.title}
      hint={
        <>
          {texts.hint}{' '}
          <a
            href={`/docs?language=${language.value === 'en' ? 'en' : 'zh'}`}
            target="_blank"
            rel="noopener"
          >
            {texts.reference}
          </a>
        </>
      }
      action={
        !open.value && (
          <button type="button" class="plain-button" onClick={show(true)}>
            {texts.create}
          </button>
        )
      }
    >
      {open.value && (
        <KeyForm
          account={account}
          onCancel={show(false)}
          onMade={(key) => {
            open.value = false;
            made.value = key;
          }}
        />
      )}
      {made.value && (
        <ShownOnce label={texts.newKey} hint={texts.shownOnce} value={made.value.key} />
      )}
      <FormProblem text={error} />
      <KeyList
        keys={account.keys.value ?? []}
        disabled={busy.value}
        onRevoke={({ id, name }) =>
          act(
            async () => {
              await account.revokeKey(id);
              if (made.value?.id === id) made.value = null;
            },
            ({ keys }) => keys.revoked(name),
          )
        }
      />
      <Outcome text={done} />
    </AccountSection>
  );
};

interface ListProps {
  keys: readonly ApiKey[];
  disabled: boolean;
  onRevoke(key: ApiKey): void;
}

const KeyList = ({ keys, disabled, onRevoke }: ListProps) =>
  keys.length === 0 ? null : (
    <ul class="devices">
      {keys.map((key) => (
        <Key key={key.id} shown={key} disabled={disabled} onRevoke={() => onRevoke(key)} />
      ))}
    </ul>
  );

interface KeyProps {
  shown: ApiKey;
  disabled: boolean;
  onRevoke(): void;
}

const Key = ({ shown, disabled, onRevoke }: KeyProps) => {
  const { preferences } = useApp();
  const texts = preferences.texts.value.keys;
  const language = preferences.language.value;
  const { name, prefix, scopes, last_used_at, expires_at } = shown;
  return (
    <li class="device">
      <div class="device-text">
        <p class="device-name">
          {name}
          <code class="key-prefix">{`${prefix}…`}</code>
        </p>
        <p class="account-hint device-detail">
          <span>
            {phrases(
              scopes.map((scope) => texts.scopes[scope]),
              language,
            )}
          </span>
          <span>
            {last_used_at === null
              ? texts.unused
              : texts.lastUsed(relativeTime(last_used_at, language))}
          </span>
          {expires_at !== null && <span>{expiryText(expires_at)}</span>}
        </p>
      </div>
      <button
        type="button"
        class="quiet-button"
        aria-label={texts.revokeKey(name)}
        disabled={disabled}
        onClick={onRevoke}
      >
        {texts.revoke}
      </button>
    </li>
  );

  function expiryText(at: string): string {
    const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(Date.parse(at));
    return Date.parse(at) > Date.now() ? texts.expires(day) : texts.expired(day);
  }
};
