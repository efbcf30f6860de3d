import type { AuditAction, AuditEntry, AuditQuery } from '../../contract/audit.js';
import type { Page } from './account-repository.js';

export interface AuditRecord {
  action: AuditAction;
  actorId: number | null;
  subjectId: number | null;
  sessionId: string | null;
  ip: string;
  userAgent: string;
  /** Small. Never contains a password, a token, an address or a name. */
  details: Readonly<Record<string, unknown>>;
}

/** Entries are only added. The table itself refuses changes. */
export interface AuditRepository {
  /** Adds an entry. Call it inside the transaction of the change. */
  append(record: AuditRecord): Promise<void>;
  /** Newest first, by ids only. @throws AppError `validation_failed` for a foreign cursor */
  list(query: Omit<AuditQuery, 'actor' | 'subject'> & { limit: number }): Promise<Page<AuditEntry>>;
  /** Forgets at most `limit` entries that are older than `days`, at least `AUDIT_LEAST_DAYS`; returns how many. */
  prune(days: number, limit: number): Promise<number>;
}

/** The table refuses to delete younger entries. */
export const AUDIT_LEAST_DAYS = 30;
