import { useSignal } from '@preact/signals';
import { useEffect, useId } from 'preact/hooks';
import { SETTING_GROUPS, type Setting } from '../../../contract/admin.js';
import { LIMITS } from '../../../contract/limits.js';
import { FormProblem } from '../controls/form-problem.js';
import { Icon } from '../controls/icons.js';
import { AdminSection, useAdmin, useOutcome } from './admin-context.js';

/** The settings in force, by their groups. */
export const Settings = () => {
  const { admin, texts } = useAdmin();
  const { error, act } = useOutcome();
  const wanted = useSignal('');
  const onlySet = useSignal(false);
  useEffect(() => void act(admin.loadSettings), [admin]);
  const all = admin.settings.value;
  const word = wanted.value.trim().toUpperCase();
  const shown = all?.filter(
    ({ name, source }) => name.includes(word) && (!onlySet.value || source === 'environment'),
  );
  return (
    <AdminSection title={texts.settings.title} hint={texts.settings.hint}>
      <FormProblem text={error} />
      {all !== null && (
        <Search
          onWord={(text) => {
            wanted.value = text;
          }}
          onOnlySet={(only) => {
            onlySet.value = only;
          }}
        />
      )}
      {shown?.length === 0 && <p class="admin-none">{texts.settings.none}</p>}
      {SETTING_GROUPS.map((group) => (
        <Group
          key={group}
          group={group}
          settings={shown?.filter((setting) => setting.group === group) ?? []}
        />
      ))}
    </AdminSection>
  );
};

interface SearchProps {
  onWord(text: string): void;
  onOnlySet(only: boolean): void;
}

const Search = ({ onWord, onOnlySet }: SearchProps) => {
  const texts = useAdmin().texts.settings;
  const id = useId();
  return (
    <>
      <div class="field-box admin-search">
        <Icon name="search" />
        <label class="visually-hidden" for={id}>
          {texts.search}
        </label>
        <input
          id={id}
          type="search"
          placeholder={texts.search}
          maxLength={LIMITS.searchChars}
          autoComplete="off"
          autoCapitalize="none"
          spellcheck={false}
          onInput={(event) => onWord(event.currentTarget.value)}
        />
      </div>
      <label class="admin-only">
        <input type="checkbox" onChange={(event) => onOnlySet(event.currentTarget.checked)} />
        {texts.onlySet}
      </label>
    </>
  );
};

interface GroupProps {
  group: Setting['group'];
  settings: readonly Setting[];
}

const Group = ({ group, settings }: GroupProps) => {
  const texts = useAdmin().texts.settings;
  const id = useId();
  if (settings.length === 0) return null;
  return (
    <section class="admin-group" aria-labelledby={id}>
      <h3 id={id}>{texts.groups[group]}</h3>
      <dl>
        {settings.map((setting) => (
          <Row key={setting.name} setting={setting} />
        ))}
      </dl>
    </section>
  );
};

const Row = ({ setting }: { setting: Setting }) => {
  const texts = useAdmin().texts.settings;
  const { name, source, default: standard } = setting;
  const isSet = source === 'environment';
  return (
    <div class={`admin-setting ${isSet ? 'is-set' : ''}`}>
      <dt class="admin-code">{name}</dt>
      <dd>
        <Value setting={setting} />
        {isSet && (
          <span class="admin-source">
            {standard === null ? texts.fromEnvironment : texts.standard(standard)}
          </span>
        )}
      </dd>
    </div>
  );
};

const Value = ({ setting: { secret, value, unit } }: { setting: Setting }) => {
  const texts = useAdmin().texts.settings;
  if (secret) return <span>{value === 'set' ? texts.isSet : texts.notSet}</span>;
  if (value === null) return <span class="admin-unset">–</span>;
  return (
    <span class="admin-code">
      <bdi>{value}</bdi>
      {unit !== null && ` ${texts.units[unit] ?? unit}`}
    </span>
  );
};
