import type { ApiKey, NewApiKey } from '../../../contract/keys.js';
import { phrases, relativeTime } from '../../i18n/formats.js';
import type { Account } from '../../state/account.js';
import { useApp } from '../../state/app.js';
import { KeyForm } from './key-form.js';
import { type RowControls, SecretSection } from './secret-section.js';

/** Keys for programs. */
export const Keys = ({ account }: { account: Account }) => {
  const { language, texts: all } = useApp().preferences;
  const texts = all.value.keys;
  const hint = (
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
  );
  return (
    <SecretSection<ApiKey, NewApiKey>
      texts={texts}
      hint={hint}
      items={account.keys.value ?? []}
      row={(key, controls) => <Key key={key.id} shown={key} {...controls} />}
      remove={({ id }) => account.revokeKey(id)}
      removed={({ name }) =>
        ({ keys }) =>
          keys.revoked(name)
        }
      form={(steps) => <KeyForm account={account} {...steps} />}
      secret={{ label: texts.newKey, of: ({ key }) => key }}
    />
  );
};

const Key = ({ shown, disabled, onRemove }: RowControls & { shown: ApiKey }) => {
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
        onClick={onRemove}
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
