import type { TestApp } from '../nodes/app.js';
import type { Account } from './rest.js';

/** Makes somebody an administrator as an operator would at first: in the database. */
export async function makeAdmin(app: TestApp, { id }: Account): Promise<void> {
  await app.rows(
    `INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'admin'`,
    [id],
  );
}
