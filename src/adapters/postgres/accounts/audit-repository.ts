import type { UserSummary } from '../../../contract/accounts.js';
import type { AuditEntry } from '../../../contract/audit.js';
import type { AuditRepository } from '../../../ports/repositories/audit-repository.js';
import { decodeIdCursor, toPage } from '../sql/id-cursor.js';
import type { Sql } from '../sql/sql.js';

type AuditRow = Omit<AuditEntry, 'at' | 'actor' | 'subject'> & {
  at: Date;
  actor: string | null;
  subject: string | null;
};

const APPEND = `
  INSERT INTO audit_log (action, actor_id, subject_id, session_id, ip, user_agent, details)
  VALUES ($1, $2, $3, $4, left($5, 64), left($6, 512), $7::jsonb)`;

const NAME_OF = (id: string) => `
  (SELECT u.username FROM users u WHERE u.id = ${id} AND u.deleted_at IS NULL)`;

const LIST = `
  SELECT a.*, ${NAME_OF('a.actor_id')} AS actor, ${NAME_OF('a.subject_id')} AS subject FROM (
    SELECT id, at, action, actor_id, subject_id, session_id, ip, user_agent, details FROM audit_log
    WHERE ($1::bigint IS NULL OR id < $1) AND ($2::text IS NULL OR action = $2)
      AND ($3::bigint IS NULL OR actor_id = $3) AND ($4::bigint IS NULL OR subject_id = $4)
      AND ($5::timestamptz IS NULL OR at >= $5) AND ($6::timestamptz IS NULL OR at < $6)
    ORDER BY id DESC LIMIT $7
  ) a ORDER BY a.id DESC`;

/** Nodes that prune at the same time skip each other's rows. */
const PRUNE = `
  DELETE FROM audit_log WHERE id IN (
    SELECT id FROM audit_log WHERE at < now() - make_interval(days => $1) ORDER BY at LIMIT $2
    FOR UPDATE SKIP LOCKED)`;

const summary = (id: number | null, username: string | null): UserSummary | null =>
  id === null || username === null ? null : { id, username };

const toEntry = ({ at, actor, subject, ...row }: AuditRow): AuditEntry => ({
  ...row,
  actor: summary(row.actor_id, actor),
  subject: summary(row.subject_id, subject),
  at: at.toISOString(),
});

export function createAuditRepository(sql: Sql): AuditRepository {
  return {
    async append({ action, actorId, subjectId, sessionId, ip, userAgent, details }) {
      const who = [actorId, subjectId, sessionId];
      await sql.run(APPEND, [action, ...who, ip, userAgent, JSON.stringify(details)]);
    },

    async list({ limit, cursor, action, actor_id, subject_id, since, until }) {
      const given = [action, actor_id, subject_id, since, until].map((value) => value ?? null);
      const bind = [decodeIdCursor(cursor), ...given, limit + 1];
      return toPage(await sql.rows<AuditRow>(LIST, bind), limit, toEntry);
    },

    prune: (days, limit) => sql.run(PRUNE, [days, limit]),
  };
}
