import { DatabaseError } from 'sequelize';
import type { User } from '../../../contract/accounts.js';
import type { UserCredentials } from '../../../entities/entities.js';
import { AppError } from '../../../entities/errors.js';
import type { UserRepository } from '../../../ports/repositories/user-repository.js';
import { markUser } from '../erasure/removal.js';
import { translating } from '../sql/errors.js';
import type { Models } from '../sql/models.js';
import type { Sql, Transact } from '../sql/sql.js';

export interface UserRow extends Omit<User, 'created_at'> {
  created_at: Date;
}

/** Selects from `users u`. */
const ROLES_COLUMN = `
  (SELECT coalesce(jsonb_agg(r.name ORDER BY r.id), '[]') FROM user_roles ur JOIN roles r ON r.id = ur.role_id
    WHERE ur.user_id = u.id) AS roles`;

/** Columns of a `UserRow`, for `users u`. */
export const USER_COLUMNS = `u.id, u.email, u.username, u.is_active, u.created_at, ${ROLES_COLUMN}`;

/** The permissions of all roles of `users u`. */
export const PERMISSIONS_COLUMN = `
  (SELECT coalesce(jsonb_agg(DISTINCT p), '[]') FROM user_roles ur JOIN roles r ON r.id = ur.role_id,
    unnest(r.permissions) p WHERE ur.user_id = u.id) AS permissions`;

const CREATE = `
  WITH u AS (INSERT INTO users (email, username, password_hash) VALUES ($1, $2, $3) RETURNING *),
    ur AS (INSERT INTO user_roles (user_id, role_id) SELECT u.id, r.id FROM u, roles r WHERE r.name = 'user')
  SELECT id, email, username, is_active, created_at, '["user"]'::jsonb AS roles FROM u`;

const UPDATE = `
  WITH u AS (
    UPDATE users SET email = coalesce($2, email), username = coalesce($3, username),
      password_hash = coalesce($4, password_hash), updated_at = now()
    WHERE id = $1 RETURNING *
  )
  SELECT ${USER_COLUMNS} FROM u`;

/**
 * The end of a SELECT from `users u` that finds the account with the name `$1` in this column. People cannot tell
 * spellings with the same key apart. An account without a key is older than keys and has a twin with an equal name;
 * of the two, the one with the closer spelling is meant.
 */
export const byIdentity = (column: 'email' | 'username'): string => `
  WHERE u.${column}_key = identity_key($1)
    OR (u.${column}_key IS NULL AND identity_key(u.${column}) = identity_key($1))
  ORDER BY u.${column} = $1 DESC, identity_case(u.${column}) = identity_case($1) DESC, u.${column}_key IS NULL, u.id
  LIMIT 1`;

const TAKEN = new Map([
  ['users_email_key', 'email_taken'],
  ['users_email_key_key', 'email_taken'],
  ['users_username_key', 'username_taken'],
  ['users_username_key_key', 'username_taken'],
] as const);

export const toUser = (row: UserRow): User => ({
  id: row.id,
  email: row.email,
  username: row.username,
  roles: row.roles,
  is_active: row.is_active,
  created_at: row.created_at.toISOString(),
});

const fromModel = (user: InstanceType<Models['User']>): User => ({
  id: user.id,
  email: user.email,
  username: user.username,
  roles: (user.roles ?? []).sort((a, b) => a.id - b.id).map(({ name }) => name),
  is_active: user.isActive,
  created_at: user.createdAt.toISOString(),
});

function translateTaken(error: unknown): unknown {
  if (!(error instanceof DatabaseError)) return error;
  const { constraint } = error.parent as { constraint?: string };
  const taken = [...TAKEN].find(([name]) => name === constraint);
  return taken ? new AppError(taken[1], { cause: error }) : error;
}

export function createUserRepository(
  sql: Sql,
  { User }: Models,
  transact: Transact,
): UserRepository {
  const write = async (statement: string, bind: unknown[]): Promise<User | null> => {
    try {
      const row = await sql.one<UserRow>(statement, bind);
      return row && toUser(row);
    } catch (error) {
      throw translateTaken(error);
    }
  };

  const readCredentials = async (
    which: string,
    value: unknown,
  ): Promise<UserCredentials | null> => {
    const row = await sql.one<UserRow & { password_hash: string }>(
      `SELECT ${USER_COLUMNS}, u.password_hash FROM users u ${which}`,
      [value],
    );
    return row && { user: toUser(row), passwordHash: row.password_hash };
  };

  return {
    async create({ email, username, passwordHash }) {
      const user = await write(CREATE, [email, username, passwordHash]);
      if (!user) throw new Error('an insert returned no row');
      return user;
    },

    findCredentials: (email) => readCredentials(byIdentity('email'), email),

    credentials: (id) => readCredentials('WHERE u.id = $1 AND u.deleted_at IS NULL', id),

    holdCredentials: (id) =>
      readCredentials('WHERE u.id = $1 AND u.deleted_at IS NULL FOR NO KEY UPDATE', id),

    find: (id) =>
      translating(async () => {
        const where = { id, deletedAt: null };
        const user = await User.findOne({ where, include: 'roles', transaction: sql.transaction });
        return user && fromModel(user);
      }),

    update: (id, { email = null, username = null, passwordHash = null }: Change) =>
      write(UPDATE, [id, email, username, passwordHash]),

    async replaceHash(id, before, after) {
      await sql.run('UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2', [
        id,
        before,
        after,
      ]);
    },

    delete: (id) => transact((tx) => markUser(tx, id)),
  };
}

interface Change {
  email?: string | null;
  username?: string | null;
  passwordHash?: string | null;
}
