import { useSignal } from '@preact/signals';
import { useEffect, useId } from 'preact/hooks';
import { LIMITS } from '../../../contract/limits.js';
import { Outcome } from '../account/outcome.js';
import { FormProblem } from '../form-problem.js';
import { Icon } from '../icons.js';
import { AdminSection, useAdmin, useOutcome } from './admin-context.js';
import { PersonRow } from './person-row.js';

/** Typing faster than this asks once. */
const PAUSE_MS = 250;

export const People = () => {
  const { admin, texts } = useAdmin();
  const { people } = admin;
  const { done, error, act } = useOutcome();
  const id = useId();
  const wanted = useSignal('');
  useEffect(() => {
    const timer = setTimeout(
      () => void admin.search(wanted.value).catch(failed),
      wanted.value === '' ? 0 : PAUSE_MS,
    );
    return () => clearTimeout(timer);
  }, [admin, wanted.value]);
  const failed = (reason: unknown) => void act(() => Promise.reject(reason));
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
      <FormProblem text={error.value} />
      <Outcome text={done.value} />
      {entries !== null && (
        <ul class="admin-list">
          {entries.length === 0 && <li class="admin-none">{texts.noPeople}</li>}
          {entries.map((user) => (
            <PersonRow
              key={user.id}
              user={user}
              onChange={(change, said) => act(() => admin.change(user.id, change), said)}
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
