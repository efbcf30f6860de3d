import type { UserListQuery } from '../contract/admin.js';
import { LIMITS } from '../contract/limits.js';
import type { User } from '../contract/rest.js';
import type { Page } from '../ports/account-repository.js';
import type { Database } from '../ports/repositories.js';

/** What administrators do with the accounts of others. */
export class AccountAdmin {
  #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** @throws AppError `validation_failed` for a foreign cursor */
  list(query: UserListQuery): Promise<Page<User>> {
    return this.#db.accounts.list({ ...query, limit: query.limit ?? LIMITS.pageDefault });
  }
}
