import { type Attributes, Op, type WhereOptions } from 'sequelize';
import type { SessionRecord } from '../../domain/entities.js';
import type { SessionRepository } from '../../ports/repositories.js';
import { translating } from './errors.js';
import type { Models } from './models.js';
import type { Sql } from './sql.js';
import { PERMISSIONS_COLUMN, toUser, USER_COLUMNS, type UserRow } from './user-repository.js';

interface SessionRow extends Omit<SessionRecord, 'id' | 'createdAt'> {
  sessionId: string;
  openedAt: Date;
}

/** Columns of a `SessionRow`, for `sessions s`; named apart from those of a user. */
const SESSION_COLUMNS = `
  s.id AS "sessionId", s.user_id AS "userId", s.gen, s.rotated_at AS "rotatedAt", s.seen_gen AS "seenGen",
  s.user_agent AS "userAgent", s.ip, s.created_at AS "openedAt", s.last_used_at AS "lastUsedAt",
  s.expires_at AS "expiresAt", s.revoked_at AS "revokedAt"`;

/** Makes room for itself: the user's sessions that ran out are forgotten. */
const CREATE = `
  WITH gone AS (DELETE FROM sessions WHERE user_id = $2 AND expires_at < now()),
  s AS (
    INSERT INTO sessions (id, user_id, user_agent, ip, rotated_at, last_used_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $5, $6) RETURNING *
  )
  SELECT ${SESSION_COLUMNS} FROM s`;

const WITH_USER = `
  SELECT ${SESSION_COLUMNS}, ${USER_COLUMNS}, ${PERMISSIONS_COLUMN}
  FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1`;

const ALIVE = `
  SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id
  WHERE s.id = ANY($1::uuid[]) AND s.revoked_at IS NULL AND s.expires_at > now() AND u.is_active`;

/** Binds: email. */
const ADDRESSES = `
  SELECT s.ip FROM sessions s JOIN users u ON u.id = s.user_id
  WHERE lower(u.email) = lower($1) AND s.expires_at > now() GROUP BY s.ip ORDER BY max(s.last_used_at) DESC LIMIT 100`;

const toSession = (row: SessionRow): SessionRecord => ({
  id: row.sessionId,
  userId: row.userId,
  gen: row.gen,
  rotatedAt: row.rotatedAt,
  seenGen: row.seenGen,
  userAgent: row.userAgent,
  ip: row.ip,
  createdAt: row.openedAt,
  lastUsedAt: row.lastUsedAt,
  expiresAt: row.expiresAt,
  revokedAt: row.revokedAt,
});

type Columns = Attributes<InstanceType<Models['Session']>>;

/** What is asked on every request or must be one step is SQL; the rest goes through the model. */
export function createSessionRepository(sql: Sql, { Session }: Models): SessionRepository {
  const { transaction } = sql;
  const change = (values: Partial<Columns>, where: WhereOptions<Columns>): Promise<number> =>
    translating(async () => (await Session.update(values, { where, transaction }))[0]);

  return {
    async create({ id, userId, userAgent, ip, rotatedAt, expiresAt }) {
      const bind = [id, userId, userAgent, ip, rotatedAt, expiresAt];
      const row = await sql.one<SessionRow>(CREATE, bind);
      if (!row) throw new Error('an insert returned no row');
      return toSession(row);
    },

    async findForUpdate(id) {
      const row = await sql.one<SessionRow>(
        `SELECT ${SESSION_COLUMNS} FROM sessions s WHERE s.id = $1 FOR UPDATE`,
        [id],
      );
      return row && toSession(row);
    },

    async findWithUser(id) {
      const row = await sql.one<SessionRow & UserRow & { permissions: string[] }>(WITH_USER, [id]);
      return row && { session: toSession(row), user: toUser(row), permissions: row.permissions };
    },

    async rotate(id, turn) {
      await change({ ...turn, lastUsedAt: turn.rotatedAt }, { id });
    },

    async touch(id, at) {
      await change({ lastUsedAt: at }, { id });
    },

    async addressesOf(email) {
      const rows = await sql.rows<{ ip: string }>(ADDRESSES, [email]);
      return rows.map(({ ip }) => ip);
    },

    async alive(ids) {
      const rows = await sql.rows<{ id: string }>(ALIVE, [ids]);
      return rows.map(({ id }) => id);
    },

    async markSeen(id, gen) {
      await change({ seenGen: gen }, { id, seenGen: { [Op.lt]: gen } });
    },

    async revoke(id) {
      return (await change({ revokedAt: new Date() }, { id, revokedAt: null })) > 0;
    },

    async revokeAll(userId, exceptId) {
      const rows = await sql.rows<{ id: string }>(
        `UPDATE sessions SET revoked_at = now()
         WHERE user_id = $1 AND revoked_at IS NULL AND ($2::uuid IS NULL OR id <> $2) RETURNING id`,
        [userId, exceptId ?? null],
      );
      return rows.map(({ id }) => id);
    },
  };
}
