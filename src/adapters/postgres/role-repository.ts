import type { RoleRepository, StoredRole } from '../../ports/role-repository.js';
import type { Sql } from './sql.js';

const COLUMNS = 'name, permissions, created_at AS "createdAt"';

/** One transaction at a time counts and adds: the lock is that of `admin`, which is always there. */
const CREATE = `
  INSERT INTO roles (name, permissions)
  SELECT $1, $2::text[] WHERE (SELECT count(*) FROM roles) < $3
  ON CONFLICT (name) DO NOTHING RETURNING ${COLUMNS}`;

export function createRoleRepository(sql: Sql): RoleRepository {
  return {
    list: () => sql.rows<StoredRole>(`SELECT ${COLUMNS} FROM roles ORDER BY id`),

    lock: (name) =>
      sql.one<StoredRole>(`SELECT ${COLUMNS} FROM roles WHERE name = $1 FOR UPDATE`, [name]),

    create: ({ name, permissions }, most) => sql.one<StoredRole>(CREATE, [name, permissions, most]),

    async setPermissions(name, permissions) {
      await sql.run('UPDATE roles SET permissions = $2::text[] WHERE name = $1', [
        name,
        permissions,
      ]);
    },

    async delete(name) {
      await sql.run('DELETE FROM roles WHERE name = $1', [name]);
    },
  };
}
