import type { RoleRepository, StoredRole } from '../../../ports/repositories/role-repository.js';
import type { Sql } from '../sql/sql.js';

const COLUMNS = 'name, permissions, tokens_per_day, tokens_per_month, created_at AS "createdAt"';

/** The lock of `admin`, which always exists, makes count and insert one step. */
const CREATE = `
  INSERT INTO roles (name, permissions, tokens_per_day, tokens_per_month)
  SELECT $1, $2::text[], $4::bigint, $5::bigint WHERE (SELECT count(*) FROM roles) < $3
  ON CONFLICT (name) DO NOTHING RETURNING ${COLUMNS}`;

const UPDATE = `
  UPDATE roles SET permissions = $2::text[], tokens_per_day = $3::bigint, tokens_per_month = $4::bigint
  WHERE name = $1`;

export function createRoleRepository(sql: Sql): RoleRepository {
  return {
    list: () => sql.rows<StoredRole>(`SELECT ${COLUMNS} FROM roles ORDER BY id`),

    lock: (name) =>
      sql.one<StoredRole>(`SELECT ${COLUMNS} FROM roles WHERE name = $1 FOR UPDATE`, [name]),

    create: ({ name, permissions, tokens_per_day, tokens_per_month }, most) =>
      sql.one<StoredRole>(CREATE, [name, permissions, most, tokens_per_day, tokens_per_month]),

    async update(name, { permissions, tokens_per_day, tokens_per_month }) {
      await sql.run(UPDATE, [name, permissions, tokens_per_day, tokens_per_month]);
    },

    async delete(name) {
      await sql.run('DELETE FROM roles WHERE name = $1', [name]);
    },
  };
}
