import type { UserSummary } from '../../../contract/accounts.js';
import type { AuditEntry } from '../../../contract/audit.js';
import { shortTime } from '../../i18n/formats.js';
import { type AuditFilter, personIn } from '../../state/admin/audit-trail.js';
import { useApp } from '../../state/app.js';
import { useAdmin } from './admin-context.js';

interface Props {
  entry: AuditEntry;
  /** Looks only for entries like this one. */
  onOnly(part: Partial<AuditFilter>): void;
}

export const AuditRow = ({ entry, onOnly }: Props) => {
  const { preferences } = useApp();
  const texts = useAdmin().texts.audit;
  const language = preferences.language.value;
  const { action, at, actor_id, subject_id } = entry;
  return (
    <li class="admin-entry">
      <p class="admin-entry-head">
        <span class="admin-name">{texts.actions[action] ?? action}</span>
        <time class="admin-detail" dateTime={at}>
          {shortTime(at, language)}
        </time>
      </p>
      <p class="admin-detail">
        <span>
          {texts.by} <Actor entry={entry} onOnly={onOnly} />
        </span>
        {subject_id !== null && subject_id !== actor_id && (
          <span>
            {texts.on}{' '}
            <Person
              id={subject_id}
              user={entry.subject}
              nameOf={texts.onlyOn}
              onOnly={(subject) => onOnly({ subject })}
            />
          </span>
        )}
        {Object.entries(entry.details).map(([name, value]) => (
          <span key={name} class="admin-code">
            {name}: {said(value)}
          </span>
        ))}
      </p>
      <Origin entry={entry} />
    </li>
  );
};

const said = (value: unknown): string => {
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(said).join(', ');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '–');
};

const Actor = ({ entry, onOnly }: Props) => {
  const texts = useAdmin().texts.audit;
  const { actor_id, details, actor } = entry;
  if (actor_id === null) return <>{details.via === 'cli' ? texts.operator : texts.stranger}</>;
  return (
    <Person
      id={actor_id}
      user={actor}
      nameOf={texts.onlyBy}
      onOnly={(name) => onOnly({ actor: name })}
    />
  );
};

interface PersonProps {
  id: number;
  /** Null: the account is gone. */
  user: UserSummary | null;
  nameOf(name: string): string;
  onOnly(name: string): void;
}

const Person = ({ id, user, nameOf, onOnly }: PersonProps) => {
  const texts = useAdmin().texts.audit;
  const name = user?.username ?? texts.gone(id);
  return (
    <button
      type="button"
      class="link-button"
      aria-label={nameOf(name)}
      onClick={() => onOnly(user?.username ?? personIn({ id }))}
    >
      <bdi>{name}</bdi>
    </button>
  );
};

/** Address and device of the change, which are seldom wanted. */
const Origin = ({ entry: { ip, user_agent, session_id } }: { entry: AuditEntry }) => {
  const texts = useAdmin().texts.audit;
  const facts = [
    [texts.address, ip],
    [texts.device, user_agent],
    [texts.session, session_id ?? ''],
  ].filter(([, value]) => value !== '');
  if (facts.length === 0) return null;
  return (
    <details class="admin-origin">
      <summary>{texts.details}</summary>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="admin-code">{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
};
