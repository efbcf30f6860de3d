import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { AUDIT_ACTIONS } from '../../../contract/audit.js';
import { LIMITS } from '../../../contract/limits.js';
import { type AuditFilter as Filter, isAction, NO_FILTER } from '../../state/admin/audit-trail.js';
import { Choice } from '../controls/choice.js';
import { useAdmin } from './admin-context.js';

interface Props {
  filter: Filter;
  onLook(filter: Filter): void;
}

function filterIn(form: HTMLFormElement): Filter {
  const given = new FormData(form);
  const text = (name: keyof Filter) => String(given.get(name) ?? '');
  const action = text('action');
  return {
    action: isAction(action) ? action : '',
    ...{ actor: text('actor'), subject: text('subject'), from: text('from'), to: text('to') },
  };
}

/** Looks with every choice, and with Enter in a text. */
export const AuditFilter = ({ filter, onLook }: Props) => {
  const texts = useAdmin().texts.audit;
  const form = useRef<HTMLFormElement>(null);
  const look = () => form.current && onLook(filterIn(form.current));
  // Fields keep what is typed until the filter becomes another one.
  useLayoutEffect(() => {
    for (const [name, value] of Object.entries(filter)) {
      const field = form.current?.elements.namedItem(name);
      if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) {
        if (field.value !== value) field.value = value;
      }
    }
  }, [filter]);
  const reset = () => {
    onLook(NO_FILTER);
    // The button goes away.
    form.current?.querySelector('select')?.focus();
  };
  const isOpen = Object.values(filter).every((value) => value === '');
  return (
    <form
      class="admin-filter"
      ref={form}
      aria-label={texts.filter}
      onChange={look}
      onSubmit={(event) => {
        event.preventDefault();
        look();
      }}
    >
      <Choice
        label={texts.action}
        name="action"
        value={filter.action}
        choices={[
          ['', texts.anyAction],
          ...AUDIT_ACTIONS.map((action) => [action, texts.actions[action]] as const),
        ]}
      />
      <TextFilter label={texts.actor} name="actor" />
      <TextFilter label={texts.subject} name="subject" />
      <DayFilter label={texts.from} name="from" />
      <DayFilter label={texts.to} name="to" />
      <div class="admin-filter-buttons">
        <button type="submit" class="plain-button">
          {texts.apply}
        </button>
        {!isOpen && (
          <button type="button" class="quiet-button" onClick={reset}>
            {texts.reset}
          </button>
        )}
      </div>
    </form>
  );
};

interface FieldProps {
  label: string;
  name: keyof Filter;
}

const TextFilter = ({ label, name }: FieldProps) => {
  const id = useId();
  const texts = useAdmin().texts.audit;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-box">
        <input
          id={id}
          type="text"
          name={name}
          placeholder={texts.personHint}
          maxLength={LIMITS.emailChars}
          autoComplete="off"
          autoCapitalize="none"
          spellcheck={false}
        />
      </div>
    </div>
  );
};

const DayFilter = ({ label, name }: FieldProps) => {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-box">
        <input id={id} type="date" name={name} />
      </div>
    </div>
  );
};
