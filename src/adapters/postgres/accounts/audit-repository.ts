import type { AuditEntry } from '../../../contract/audit.js';
import type { AuditRepository } from '../../../ports/audit-repository.js';
import { decodeIdCursor, toPage } from '../sql/id-cursor.js';
import type { Sql } from '../sql/sql.js';

type AuditRow = Omit<AuditEntry, 'at'> & { at: Date };

const APPEND = `
  INSERT INTO audit_log (action, actor_id, subject_id, session_id, ip, user_agent, details)
  VALUES ($1, $2, $3, $4, left($5, 64), left($6, 512), $7::jsonb)`;

const LIST = `
  SELECT id, at, action, actor_id, subject_id, session_id, ip, user_agent, details FROM audit_log
  WHERE ($1::bigint IS NULL OR id < $1) AND ($2::text IS NULL OR action = $2)
    AND ($3::bigint IS NULL OR actor_id = $3) AND ($4::bigint IS NULL OR subject_id = $4)
    AND ($5::timestamptz IS NULL OR at >= $5) AND ($6::timestamptz IS NULL OR at < $6)
  ORDER BY id DESC LIMIT $7`;

/** Nodes that prune at the same time skip each other's rows. */
const PRUNE = `
  DELETE FROM audit_log WHERE id IN (
    SELECT id FROM audit_log WHERE at < now() - make_interval(days => $1) ORDER BY at LIMIT $2
    FOR UPDATE SKIP LOCKED)`;

const toEntry = ({ at, ...row }: AuditRow): AuditEntry => ({ ...row, at: at.toISOString() });

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
