import { useEffect } from 'preact/hooks';
import type { AuditFilter as Filter } from '../../state/admin/audit-trail.js';
import { FormProblem } from '../controls/form-problem.js';
import { useFailure } from '../hooks/use-failure.js';
import { AdminSection, useAdmin, useExplained, useOutcome } from './admin-context.js';
import { AuditFilter } from './audit-filter.js';
import { AuditRow } from './audit-row.js';

/** The audit log, with fields to search it. */
export const Audit = () => {
  const { admin, texts } = useAdmin();
  const { audit } = admin;
  const { error, act } = useOutcome();
  const unread = useFailure(useExplained());
  const look = (filter: Filter) => {
    const done = (isNewest: boolean) => {
      if (isNewest) unread.clear();
    };
    void audit.look(filter).then(done, unread.set);
  };
  useEffect(() => look(audit.filter.peek()), [admin]);
  const entries = audit.entries.value;
  return (
    <AdminSection title={texts.audit.title} hint={texts.audit.hint}>
      <AuditFilter filter={audit.filter.value} onLook={look} />
      <FormProblem text={error ?? unread.text} />
      {entries !== null && (
        <ul class="admin-list" aria-label={texts.audit.title}>
          {entries.length === 0 && <li class="admin-none">{texts.audit.none}</li>}
          {entries.map((entry) => (
            <AuditRow
              key={entry.id}
              entry={entry}
              onOnly={(part) => look({ ...audit.filter.value, ...part })}
            />
          ))}
        </ul>
      )}
      {audit.hasMore.value && (
        <button type="button" class="quiet-button" onClick={() => void act(audit.more)}>
          {texts.more}
        </button>
      )}
    </AdminSection>
  );
};
