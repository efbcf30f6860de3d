import type { AuditAction } from '../../contract/audit.js';
import { PERMISSIONS, type Permission } from '../../contract/permissions.js';
import type { AuditRepository } from '../../ports/repositories/audit-repository.js';

/** Who changes something about accounts, and from where. A person or the operator's command line. */
export interface Actor {
  /** Null: the operator at the command line. */
  userId: number | null;
  sessionId: string | null;
  ip: string;
  userAgent: string;
  permissions: ReadonlySet<Permission>;
  /** Recorded with everything that the actor does. */
  via?: Readonly<Record<string, string>>;
}

/** A user who is logged in. */
export interface UserActor extends Actor {
  userId: number;
  sessionId: string;
}

/** A person who may run commands on the server may do everything. */
export const operator = (name: string): Actor => ({
  userId: null,
  sessionId: null,
  ip: '',
  userAgent: '',
  permissions: new Set(PERMISSIONS),
  via: { via: 'cli', operator: name },
});

/** Writes to the audit log. Call it inside the transaction of the change, so that every change has its entry. */
export function record(
  audit: AuditRepository,
  { userId, sessionId, ip, userAgent, via }: Omit<Actor, 'permissions'>,
  action: AuditAction,
  subjectId: number | null,
  details: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const from = { actorId: userId, sessionId, ip, userAgent };
  return audit.append({ ...from, action, subjectId, details: { ...details, ...via } });
}
