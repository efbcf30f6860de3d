import type { User } from '../../../contract/accounts.js';
import type { ManagedUser, UserQuota } from '../../../contract/admin.js';
import type {
  AccountName,
  AccountRepository,
} from '../../../ports/repositories/account-repository.js';
import { decodeIdCursor, toPage } from '../sql/id-cursor.js';
import { SEARCH_WITHIN } from '../sql/search-within.js';
import type { Sql, Transact } from '../sql/sql.js';
import {
  byIdentity,
  PERMISSIONS_COLUMN,
  toUser,
  USER_COLUMNS,
  type UserRow,
} from './user-repository.js';

type ManagedRow = UserRow & UserQuota;

const MANAGED_COLUMNS = `${USER_COLUMNS}, u.tokens_per_day, u.tokens_per_month`;

const LIST = `
  SELECT ${MANAGED_COLUMNS} FROM users u
  WHERE u.deleted_at IS NULL AND ($1::bigint IS NULL OR u.id < $1)
    AND ($2::text IS NULL
      OR position(identity_key($2) IN coalesce(u.email_key, identity_key(u.email))) > 0
      OR position(identity_key($2) IN coalesce(u.username_key, identity_key(u.username))) > 0)
  ORDER BY u.id DESC LIMIT $3`;

const FIND: Record<AccountName['kind'], string> = {
  id: `SELECT ${USER_COLUMNS} FROM users u WHERE u.id = $1 AND u.deleted_at IS NULL`,
  email: `SELECT ${USER_COLUMNS} FROM users u ${byIdentity('email')}`,
  username: `SELECT ${USER_COLUMNS} FROM users u ${byIdentity('username')}`,
};

const HAS_ADMIN = `
  SELECT EXISTS (
    SELECT 1 FROM roles r JOIN user_roles ur ON ur.role_id = r.id JOIN users u ON u.id = ur.user_id
    WHERE r.name = 'admin' AND u.is_active
  ) AS found`;

const SET_ROLES = `
  WITH gone AS (
    DELETE FROM user_roles ur USING roles r
    WHERE ur.user_id = $1 AND r.id = ur.role_id AND r.name <> ALL($2::text[])
  )
  INSERT INTO user_roles (user_id, role_id) SELECT $1, r.id FROM roles r WHERE r.name = ANY($2::text[])
  ON CONFLICT DO NOTHING`;

const SET_QUOTA = `
  UPDATE users SET tokens_per_day = $2::bigint, tokens_per_month = $3::bigint, updated_at = now() WHERE id = $1`;

const toManaged = (row: ManagedRow): ManagedUser => ({
  ...toUser(row),
  tokens_per_day: row.tokens_per_day,
  tokens_per_month: row.tokens_per_month,
});

export function createAccountRepository(sql: Sql, transact: Transact): AccountRepository {
  return {
    async list({ limit, cursor, q }) {
      const bind = [decodeIdCursor(cursor), q || null, limit + 1];
      const rows = await transact(async (tx) => {
        await tx.run(SEARCH_WITHIN);
        return tx.rows<ManagedRow>(LIST, bind);
      });
      return toPage(rows, limit, toManaged);
    },

    async find({ kind, value }): Promise<User | null> {
      const row = await sql.one<UserRow>(FIND[kind], [value]);
      return row && toUser(row);
    },

    async lockAdmins() {
      await sql.run(`SELECT 1 FROM roles WHERE name = 'admin' FOR NO KEY UPDATE`);
    },

    async lock(id) {
      await sql.run('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [id]);
      const row = await sql.one<ManagedRow & { permissions: string[] }>(
        `SELECT ${MANAGED_COLUMNS}, ${PERMISSIONS_COLUMN} FROM users u WHERE u.id = $1 AND u.deleted_at IS NULL`,
        [id],
      );
      return row && { user: toManaged(row), permissions: row.permissions };
    },

    async setActive(id, isActive) {
      await sql.run('UPDATE users SET is_active = $2, updated_at = now() WHERE id = $1', [
        id,
        isActive,
      ]);
    },

    async setRoles(id, names) {
      await sql.run(SET_ROLES, [id, names]);
    },

    async setQuota(id, { tokens_per_day, tokens_per_month }) {
      await sql.run(SET_QUOTA, [id, tokens_per_day, tokens_per_month]);
    },

    async hasAdmin() {
      return (await sql.one<{ found: boolean }>(HAS_ADMIN))?.found === true;
    },
  };
}
