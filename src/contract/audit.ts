import type { UserSummary } from './accounts.js';
import type { AdminPageQuery } from './admin.js';
import type { Timestamp } from './timestamp.js';

/** Every action that the audit log records. */
export const AUDIT_ACTIONS = [
  'registered',
  'signed_in',
  'sign_in_refused',
  'signed_out',
  'session_revoked',
  'refresh_reused',
  'password_changed',
  'account_created',
  'account_changed',
  'account_deleted',
  'account_disabled',
  'account_enabled',
  'roles_changed',
  'quota_changed',
  'role_created',
  'role_changed',
  'role_deleted',
  'secrets_rotated',
  'invitation_created',
  'invitation_revoked',
  'node_drained',
  'key_created',
  'key_revoked',
  'webhook_created',
  'webhook_deleted',
] as const;

/** An action in the audit log. */
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** One entry of the audit log. Ids stay when their objects are deleted. */
export interface AuditEntry {
  id: number;
  at: Timestamp;
  action: AuditAction;
  /** The acting user. Null: somebody who was not logged in, or the command line. */
  actor_id: number | null;
  /** The affected account. */
  subject_id: number | null;
  /** The users of these ids; null if there is none, or the account was deleted. */
  actor: UserSummary | null;
  subject: UserSummary | null;
  session_id: string | null;
  ip: string;
  user_agent: string;
  details: Record<string, unknown>;
}

/**
 * `actor` and `subject` are a name or an address, in any spelling. `since` is the first moment, `until` the first one
 * after.
 */
export interface AuditQuery extends AdminPageQuery {
  action?: AuditAction;
  actor_id?: number;
  subject_id?: number;
  actor?: string;
  subject?: string;
  since?: Timestamp;
  until?: Timestamp;
}
