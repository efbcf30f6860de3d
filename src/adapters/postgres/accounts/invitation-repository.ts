import type { UserSummary } from '../../../contract/accounts.js';
import type { Invitation, InvitationStatus } from '../../../contract/invitations.js';
import type { InvitationRepository } from '../../../ports/repositories/invitation-repository.js';
import { decodeIdCursor, toPage } from '../sql/id-cursor.js';
import type { Sql } from '../sql/sql.js';

interface Row {
  id: number;
  status: InvitationStatus;
  email: string | null;
  role: string;
  created_by: UserSummary;
  used_by: UserSummary | null;
  created_at: Date;
  expires_at: Date;
  used_at: Date | null;
}

const summary = (user: string) =>
  `CASE WHEN ${user}.id IS NOT NULL THEN jsonb_build_object('id', ${user}.id, 'username', ${user}.username) END`;

/** Postgres' clock decides what has expired. */
const FROM = (invitations: string) => `
  SELECT i.id, i.email, i.role, i.created_at, i.expires_at, i.used_at,
    CASE WHEN i.used_at IS NOT NULL THEN 'used' WHEN i.expires_at <= now() THEN 'expired' ELSE 'open' END AS status,
    ${summary('c')} AS created_by, ${summary('u')} AS used_by
  FROM ${invitations} i JOIN users c ON c.id = i.created_by
  LEFT JOIN users u ON u.id = i.used_by AND u.deleted_at IS NULL`;

const SELECT = FROM('invitations');

/** The lock of administrators makes count and insert one step. */
const CREATE = `
  WITH made AS (
    INSERT INTO invitations (token_hash, email, role, created_by, expires_at)
    SELECT $1, $2, $3, $4, now() + make_interval(secs => $5::float8 * 3600)
    WHERE (SELECT count(*) FROM (
      SELECT FROM invitations WHERE used_at IS NULL AND expires_at > now() LIMIT $6
    ) open) < $6
    RETURNING *
  ) ${FROM('made')}`;

const USE = `
  UPDATE invitations SET used_at = clock_timestamp(), email = NULL
  WHERE id = $1 AND used_at IS NULL AND expires_at > clock_timestamp()`;

/** Nodes that prune at the same time skip each other's rows. */
const PRUNE = `
  DELETE FROM invitations WHERE id IN (
    SELECT id FROM invitations WHERE expires_at < now() - interval '30 days' LIMIT $1 FOR UPDATE SKIP LOCKED)`;

const toInvitation = (row: Row): Invitation => ({
  id: row.id,
  status: row.status,
  email: row.email,
  role: row.role,
  created_by: row.created_by,
  used_by: row.used_by,
  created_at: row.created_at.toISOString(),
  expires_at: row.expires_at.toISOString(),
  used_at: row.used_at?.toISOString() ?? null,
});

export function createInvitationRepository(sql: Sql): InvitationRepository {
  const one = async (statement: string, bind: unknown[]) => {
    const row = await sql.one<Row>(statement, bind);
    return row && toInvitation(row);
  };

  return {
    create: ({ tokenHash, email, role, createdBy, hours }, most) =>
      one(CREATE, [tokenHash, email, role, createdBy, hours, most]),

    async list({ limit, cursor }) {
      const statement = `${SELECT} WHERE $1::bigint IS NULL OR i.id < $1 ORDER BY i.id DESC LIMIT $2`;
      const rows = await sql.rows<Row>(statement, [decodeIdCursor(cursor), limit + 1]);
      return toPage(rows, limit, toInvitation);
    },

    find: (tokenHash) => one(`${SELECT} WHERE i.token_hash = $1`, [tokenHash]),

    async lock(id) {
      await sql.run('SELECT 1 FROM invitations WHERE id = $1 FOR UPDATE', [id]);
      return one(`${SELECT} WHERE i.id = $1`, [id]);
    },

    use: async (id) => (await sql.run(USE, [id])) > 0,

    async setUser(id, userId) {
      await sql.run('UPDATE invitations SET used_by = $2 WHERE id = $1', [id, userId]);
    },

    async delete(id) {
      await sql.run('DELETE FROM invitations WHERE id = $1', [id]);
    },

    prune: (rows) => sql.run(PRUNE, [rows]),
  };
}
