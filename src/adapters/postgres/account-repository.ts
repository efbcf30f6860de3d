import type { AccountRepository } from '../../ports/account-repository.js';
import { decodeIdCursor, toPage } from './id-cursor.js';
import type { Sql } from './sql.js';
import { toUser, USER_COLUMNS, type UserRow } from './user-repository.js';

const LIST = `
  SELECT ${USER_COLUMNS} FROM users u
  WHERE ($1::bigint IS NULL OR u.id < $1)
    AND ($2::text IS NULL OR position(lower($2) IN lower(u.email)) > 0 OR position(lower($2) IN lower(u.username)) > 0)
  ORDER BY u.id DESC LIMIT $3`;

export function createAccountRepository(sql: Sql): AccountRepository {
  return {
    async list({ limit, cursor, q }) {
      const bind = [decodeIdCursor(cursor), q || null, limit + 1];
      return toPage(await sql.rows<UserRow>(LIST, bind), limit, toUser);
    },
  };
}
