import { type ReadonlySignal, signal } from '@preact/signals';
import type { AdminRest } from '../../../client/index.js';
import type { UserSummary } from '../../../contract/accounts.js';
import {
  AUDIT_ACTIONS,
  type AuditAction,
  type AuditEntry,
  type AuditQuery,
} from '../../../contract/audit.js';
import { createListed, type Listed } from '../listed.js';

/** The filter of the search; empty: anything. Days are `YYYY-MM-DD`, of the reader's clock. */
export interface AuditFilter {
  action: AuditAction | '';
  actor: string;
  subject: string;
  from: string;
  to: string;
}

export const NO_FILTER: AuditFilter = { action: '', actor: '', subject: '', from: '', to: '' };

export interface AuditTrail extends Listed<AuditEntry> {
  filter: ReadonlySignal<AuditFilter>;
  /**
   * Reads the matching entries from the beginning, once for calls of one event that want the same. Resolves as `load`
   * does.
   */
  look(filter: AuditFilter): Promise<boolean>;
}

export const isAction = (text: string): text is AuditAction =>
  AUDIT_ACTIONS.some((action) => action === text);

/** A person without an account any more is found by the id. */
export const personIn = ({ id }: Pick<UserSummary, 'id'>): string => `#${id}`;

const DAY_MS = 86_400_000;

/** Midnight of a day, or of the one after, in the reader's time zone. */
function midnight(day: string, after = false): string | undefined {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const at = new Date(year, month - 1, date + (after ? 1 : 0));
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(day) && Math.abs(at.getTime()) < 100_000 * 365 * DAY_MS;
  return isDay ? at.toISOString() : undefined;
}

/** `#12` is an id, everything else a name or an address. */
function person<K extends 'actor' | 'subject'>(key: K, text: string): AuditQuery {
  const given = text.trim();
  const [, id] = /^#(\d{1,15})$/.exec(given) ?? [];
  if (given === '') return {};
  return id === undefined ? { [key]: given } : { [`${key}_id`]: Number(id) };
}

const isSame = (one: AuditFilter, other: AuditFilter): boolean =>
  (Object.keys(NO_FILTER) as (keyof AuditFilter)[]).every((name) => one[name] === other[name]);

/** The call's parameters. */
function queryOf({ action, actor, subject, from, to }: AuditFilter): AuditQuery {
  const since = midnight(from);
  const until = midnight(to, true);
  return {
    ...(action !== '' && { action }),
    ...person('actor', actor),
    ...person('subject', subject),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
}

export function createAuditTrail(rest: Pick<AdminRest, 'audit'>): AuditTrail {
  const filter = signal<AuditFilter>(NO_FILTER);
  const listed = createListed<AuditEntry>((cursor) =>
    rest.audit({ ...queryOf(filter.value), ...(cursor !== null && { cursor }) }),
  );
  let shared: Promise<boolean> | null = null;
  return {
    ...listed,
    filter,
    look: (wanted) => {
      if (shared !== null && isSame(filter.value, wanted)) return shared;
      filter.value = wanted;
      const mine = listed.load();
      shared = mine;
      // One press of Enter in a text changes the field and sends the form. A later press asks again.
      setTimeout(() => {
        if (shared === mine) shared = null;
      });
      return mine;
    },
  };
}
