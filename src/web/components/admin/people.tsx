import { useSignal } from '@preact/signals';
import { useEffect, useId } from 'preact/hooks';
import type { AccountChange, ManagedUser } from '../../../contract/admin.js';
import { LIMITS } from '../../../contract/limits.js';
import type { AdminTexts } from '../../i18n/en/admin.js';
import { explained } from '../../state/view/explain.js';
import { Outcome } from '../account/outcome.js';
import { FormProblem } from '../controls/form-problem.js';
import { Icon } from '../controls/icons.js';
import { useFailure } from '../hooks/use-failure.js';
import { AdminSection, useAdmin, useExplained, useOutcome } from './admin-context.js';
import { PersonRow } from './person-row.js';

/** Typing faster than this asks once. */
const PAUSE_MS = 250;

const LAST_ADMIN = explained((texts: AdminTexts) => texts.lastAdmin);

export const People = () => {
  const { admin, texts } = useAdmin();
  const { people } = admin;
  const { done, error, act } = useOutcome();
  const id = useId();
  const wanted = useSignal('');
  const unread = useFailure(useExplained());
  useEffect(() => {
    const done = (isNewest: boolean) => {
      if (isNewest) unread.clear();
    };
    const search = () => void admin.search(wanted.value).then(done, unread.set);
    const timer = setTimeout(search, wanted.value === '' ? 0 : PAUSE_MS);
    return () => clearTimeout(timer);
  }, [admin, wanted.value]);
  const change = (user: ManagedUser, wish: AccountChange) =>
    admin.change(user.id, wish).catch(LAST_ADMIN);
  const entries = people.entries.value;
  return (
    <AdminSection title={texts.people} hint={texts.peopleHint}>
      <div class="field-box admin-search">
        <Icon name="search" />
        <label class="visually-hidden" for={id}>
          {texts.searchPeople}
        </label>
        <input
          id={id}
          type="search"
          placeholder={texts.searchPeople}
          maxLength={LIMITS.searchChars}
          autoComplete="off"
          spellcheck={false}
          onInput={(event) => {
            wanted.value = event.currentTarget.value;
          }}
        />
      </div>
      <FormProblem text={error ?? unread.text} />
      <Outcome text={done} />
      {entries !== null && (
        <ul class="admin-list">
          {entries.length === 0 && <li class="admin-none">{texts.noPeople}</li>}
          {entries.map((user) => (
            <PersonRow
              key={user.id}
              user={user}
              onChange={(wish, say) => act(() => change(user, wish), say)}
            />
          ))}
        </ul>
      )}
      {people.hasMore.value && (
        <button type="button" class="quiet-button" onClick={() => void act(people.more)}>
          {texts.more}
        </button>
      )}
    </AdminSection>
  );
};
