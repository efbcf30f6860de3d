import { type Attributes, Op, type WhereOptions } from 'sequelize';
import { LIMITS } from '../../../contract/limits.js';
import type { SessionRecord } from '../../../entities/entities.js';
import { keyIdOf } from '../../../entities/key-sessions.js';
import type {
  SessionRepository,
  SessionState,
} from '../../../ports/repositories/session-repository.js';
import { translating } from '../sql/errors.js';
import type { Models } from '../sql/models.js';
import type { Sql } from '../sql/sql.js';
import { GRANTS_COLUMN, type Granted, permitted } from './grants.js';
import { holdKey, keyStates } from './key-states.js';
import { byIdentity, toUser, type UserRow } from './user-repository.js';

interface SessionRow extends Omit<SessionRecord, 'id' | 'createdAt'> {
  sessionId: string;
  openedAt: Date;
}

interface ActiveRow extends SessionRow, Omit<UserRow, 'roles'>, Granted {}

interface StateRow extends Omit<SessionState, 'roles' | 'permissions'>, Granted {}

/** Columns of a `SessionRow`, for `sessions s`. Their names differ from those of a user. */
const SESSION_COLUMNS = `
  s.id AS "sessionId", s.user_id AS "userId", s.gen, s.rotated_at AS "rotatedAt", s.seen_gen AS "seenGen",
  s.user_agent AS "userAgent", s.ip, s.created_at AS "openedAt", s.last_used_at AS "lastUsedAt",
  s.expires_at AS "expiresAt", s.revoked_at AS "revokedAt"`;

/** Rows of one user: live sessions, and ended ones, whose addresses still count as known. */
const KEPT = 3 * LIMITS.sessions;

/** The statement also deletes the user's expired sessions, and ended ones beyond the `KEPT` most recently used. */
const CREATE = `
  WITH used AS (
    SELECT id, row_number() OVER (ORDER BY last_used_at DESC) AS place FROM sessions WHERE user_id = $2
  ),
  gone AS (
    DELETE FROM sessions s USING used
    WHERE s.id = used.id AND (s.expires_at < now() OR used.place > ${KEPT} AND s.revoked_at IS NOT NULL)
  ),
  s AS (
    INSERT INTO sessions (id, user_id, user_agent, ip, rotated_at, last_used_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $5, $6) RETURNING *
  )
  SELECT ${SESSION_COLUMNS} FROM s`;

const WITH_USERS = {
  name: 'sessions',
  text: `
  SELECT ${SESSION_COLUMNS}, u.id, u.email, u.username, u.is_active, u.created_at, ${GRANTS_COLUMN}
  FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ANY($1::uuid[])`,
};

const STATES = {
  name: 'session_states',
  text: `
  SELECT s.id, u.username, u.is_active AS "isActive", s.revoked_at IS NULL AND s.expires_at > now() AS "isAlive",
    ${GRANTS_COLUMN}
  FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ANY($1::uuid[])`,
};

/**
 * Locks the user before the session, and not shared: the holder of a shared lock that waits for the session would
 * block the deletion of the user.
 */
const HOLD_USER = {
  name: 'hold_user',
  text: 'SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE',
};
/**
 * The lock is not FOR SHARE: a steady stream of shared locks would keep the transaction that ends the session waiting
 * for ever.
 */
const HOLD_SESSION = {
  name: 'hold_session',
  text: 'SELECT 1 FROM sessions WHERE id = $1 AND user_id = $2 FOR NO KEY UPDATE',
};

/** Binds: email. */
const ADDRESSES = `
  SELECT s.ip FROM sessions s WHERE s.user_id = (SELECT u.id FROM users u ${byIdentity('email')})
    AND s.expires_at > now() GROUP BY s.ip ORDER BY max(s.last_used_at) DESC LIMIT 100`;

/** Nodes that prune at the same time skip each other's rows. */
const PRUNE = `
  DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE expires_at < now() ORDER BY expires_at LIMIT $1
    FOR UPDATE SKIP LOCKED)`;

/** Binds: session, user. A null user matches any. */
const REVOKE = `
  UPDATE sessions SET revoked_at = now()
  WHERE id = $1 AND revoked_at IS NULL AND ($2::bigint IS NULL OR user_id = $2)`;

const LIVE = `
  SELECT ${SESSION_COLUMNS} FROM sessions s
  WHERE s.user_id = $1 AND s.revoked_at IS NULL AND s.expires_at > now()
  ORDER BY s.last_used_at DESC, s.id LIMIT $2`;

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

/** Statements that run on every request or must be one step are SQL. The rest uses the model. */
export function createSessionRepository(sql: Sql, { Session }: Models): SessionRepository {
  const { transaction } = sql;
  const change = (values: Partial<Columns>, where: WhereOptions<Columns>): Promise<number> =>
    translating(async () => (await Session.update(values, { where, transaction }))[0]);
  const sessionStates = async (ids: readonly string[]): Promise<SessionState[]> => {
    if (ids.length === 0) return [];
    const rows = await sql.rows<StateRow>(STATES, [ids]);
    return rows.map(({ grants, ...state }) => ({ ...state, ...permitted({ grants }) }));
  };
  const states = async (ids: readonly string[]): Promise<SessionState[]> => {
    const sessions = ids.filter((id) => keyIdOf(id) === null);
    if (sessions.length === ids.length) return sessionStates(ids);
    return (await Promise.all([sessionStates(sessions), keyStates(sql, ids)])).flat();
  };
  const holdOne = (userId: number, id: string): Promise<number> => {
    const key = keyIdOf(id);
    return key === null ? sql.run(HOLD_SESSION, [id, userId]) : holdKey(sql, userId, key);
  };

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

    async findWithUsers(ids) {
      const rows = await sql.rows<ActiveRow>(WITH_USERS, [ids]);
      return rows.map((row) => {
        const { roles, permissions } = permitted(row);
        return { session: toSession(row), user: toUser({ ...row, roles }), permissions };
      });
    },

    async rotate(id, rotation) {
      await change({ ...rotation, lastUsedAt: rotation.rotatedAt }, { id });
    },

    async touch(id, { at, userAgent, ip }) {
      await change({ lastUsedAt: at, userAgent, ip }, { id });
    },

    async addressesOf(email) {
      const rows = await sql.rows<{ ip: string }>(ADDRESSES, [email]);
      return rows.map(({ ip }) => ip);
    },

    states,

    async hold(userId, id) {
      // The three statements are sent in this order, as one message to Postgres. The last statement sees the changes
      // for which the earlier ones waited.
      const [, held, found] = await Promise.all([
        sql.run(HOLD_USER, [userId]),
        holdOne(userId, id),
        states([id]),
      ]);
      return held > 0 ? (found[0] ?? null) : null;
    },

    async markSeen(id, gen) {
      await change({ seenGen: gen }, { id, seenGen: { [Op.lt]: gen } });
    },

    async revoke(id) {
      return (await sql.run(REVOKE, [id, null])) > 0;
    },

    async revokeOwn(userId, id) {
      return (await sql.run(REVOKE, [id, userId])) > 0;
    },

    prune: (rows) => sql.run(PRUNE, [rows]),

    async listLive(userId) {
      const rows = await sql.rows<SessionRow>(LIVE, [userId, LIMITS.sessions]);
      return rows.map(toSession);
    },

    async revokeAll(userId, exceptId) {
      const rows = await sql.rows<{ id: string }>(
        `UPDATE sessions SET revoked_at = now()
         WHERE user_id = $1 AND revoked_at IS NULL AND ($2::uuid IS NULL OR id <> $2) RETURNING id`,
        [userId, exceptId ?? null],
      );
      return rows.map(({ id }) => id);
    },

    async revokeOldest(userId, keep) {
      const rows = await sql.rows<{ id: string }>(
        `UPDATE sessions SET revoked_at = now() WHERE id IN (
           SELECT id FROM sessions WHERE user_id = $1 AND revoked_at IS NULL
           ORDER BY last_used_at DESC OFFSET $2
         ) RETURNING id`,
        [userId, keep],
      );
      return rows.map(({ id }) => id);
    },
  };
}
