import type { TestApp } from '../nodes/app.js';
import type { Account } from './rest.js';

/** Makes somebody an administrator as an operator would at first: in the database. */
export async function makeAdmin(app: TestApp, { id }: Pick<Account, 'id'>): Promise<void> {
  await app.rows(
    `INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'admin'`,
    [id],
  );
}

/** Gives somebody, instead of all roles, one like that of users with so many tokens a day. Resolves to its name. */
export async function limitTokens(
  app: TestApp,
  { id }: Pick<Account, 'id'>,
  tokens: number,
): Promise<string> {
  const name = `plan of ${id}`;
  await app.rows('DELETE FROM user_roles WHERE user_id = $1', [id]);
  await app.rows(
    `WITH r AS (INSERT INTO roles (name, permissions, tokens_per_day)
       SELECT $1, permissions, $2 FROM roles WHERE name = 'user' RETURNING id)
     INSERT INTO user_roles (user_id, role_id) SELECT $3, id FROM r`,
    [name, tokens, id],
  );
  return name;
}
