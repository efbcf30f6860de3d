import type { ApiKey } from '../../../contract/keys.js';
import { LIMITS } from '../../../contract/limits.js';
import type { ActiveKey, KeyRepository } from '../../../ports/repositories/key-repository.js';
import type { Sql } from '../sql/sql.js';
import { times } from '../sql/time-columns.js';
import { GRANTS_COLUMN, type Granted, permitted } from './grants.js';
import { IS_ALIVE } from './key-states.js';
import { toUser, type UserRow } from './user-repository.js';

const KEY_COLUMNS = `
  k.id, k.name, k.prefix, k.scopes, ${times('k.created_at', 'k.expires_at', 'k.last_used_at')}`;

const ENDED_LONG_AGO = `coalesce(k.revoked_at, k.expires_at) < now() - interval '30 days'`;
/** Revoked keys of one user that are kept. */
const KEPT = 2 * LIMITS.keys;

/** Binds: id, user, name, hash, prefix, scopes, expiry, most keys. */
const CREATE = `
  WITH old AS (
    SELECT id, row_number() OVER (ORDER BY revoked_at DESC) AS place FROM api_keys
    WHERE user_id = $2 AND revoked_at IS NOT NULL
  ), gone AS (
    DELETE FROM api_keys k USING old WHERE k.id = old.id AND (old.place >= ${KEPT} OR ${ENDED_LONG_AGO})
  ), k AS (
    INSERT INTO api_keys (id, user_id, name, key_hash, prefix, scopes, expires_at)
    SELECT $1, $2, $3, $4, $5, $6::text[], $7
    WHERE (SELECT count(*) FROM api_keys WHERE user_id = $2 AND revoked_at IS NULL) < $8
    RETURNING *
  )
  SELECT ${KEY_COLUMNS} FROM k`;

const LIST = `
  SELECT ${KEY_COLUMNS} FROM api_keys k WHERE k.user_id = $1 AND k.revoked_at IS NULL
  ORDER BY k.created_at DESC, k.id LIMIT $2`;

const WITH_USERS = {
  name: 'keys',
  text: `
  SELECT k.id AS "keyId", ${IS_ALIVE} AS "isAlive", k.scopes, k.expires_at AS "expiresAt",
    u.id, u.email, u.username, u.is_active, u.created_at, ${GRANTS_COLUMN}
  FROM api_keys k JOIN users u ON u.id = k.user_id WHERE k.id = ANY($1::uuid[])`,
};

const USE = `
  UPDATE api_keys SET last_used_at = now()
  WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= now() - interval '1 minute')`;

/** Nodes that prune at the same time skip each other's rows. */
const PRUNE = `
  DELETE FROM api_keys WHERE id IN (
    SELECT k.id FROM api_keys k WHERE ${ENDED_LONG_AGO} LIMIT $1 FOR UPDATE SKIP LOCKED)`;

type ActiveRow = Omit<ActiveKey, 'id' | 'user' | 'permissions'> & { keyId: string } & Omit<
    UserRow,
    'roles'
  > &
  Granted;

function toActive({ keyId, isAlive, scopes, expiresAt, ...row }: ActiveRow): ActiveKey {
  const { roles, permissions } = permitted(row);
  const user = toUser({ ...row, roles });
  return { id: keyId, isAlive, scopes, expiresAt, user, permissions };
}

export const createKeyRepository = (sql: Sql): KeyRepository => ({
  create: ({ id, userId, name, hash, prefix, scopes, expiresAt }, most) =>
    sql.one<ApiKey>(CREATE, [id, userId, name, hash, prefix, scopes, expiresAt, most]),

  list: (userId, most) => sql.rows<ApiKey>(LIST, [userId, most]),

  async revoke(userId, id) {
    const revoke = `UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL`;
    return (await sql.run(revoke, [id, userId])) > 0;
  },

  async revokeAll(userId) {
    const rows = await sql.rows<{ id: string }>(
      'UPDATE api_keys SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL RETURNING id',
      [userId],
    );
    return rows.map(({ id }) => id);
  },

  owner: (hash) =>
    sql.one(`SELECT id, user_id AS "userId" FROM api_keys WHERE key_hash = $1`, [hash]),

  findWithUsers: async (ids) => (await sql.rows<ActiveRow>(WITH_USERS, [ids])).map(toActive),

  async use(id) {
    await sql.run(USE, [id]);
  },

  prune: (rows) => sql.run(PRUNE, [rows]),
});
