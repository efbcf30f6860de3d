import type { RegisterBody, User } from '../../contract/accounts.js';
import type { PasswordHasher } from '../../ports/password-hasher.js';
import type { Database } from '../../ports/repositories/repositories.js';
import { type Actor, record } from '../rights/actor.js';
import type { PasswordPolicy } from './password-policy.js';

export interface AccountCreationDeps {
  db: Database;
  hasher: Pick<PasswordHasher, 'hash'>;
  policy: PasswordPolicy;
}

/** Accounts that an operator creates for somebody. */
export class AccountCreation {
  #deps: AccountCreationDeps;

  constructor(deps: AccountCreationDeps) {
    this.#deps = deps;
  }

  /** `roles` must exist. @throws AppError `email_taken`, `username_taken`, `validation_failed` for a common password */
  async create(actor: Actor, body: RegisterBody, roles: readonly string[]): Promise<User> {
    const { db, hasher, policy } = this.#deps;
    policy.require({ ...body, path: 'password' });
    const { email, username, password } = body;
    const passwordHash = await hasher.hash(password);
    return db.transaction(async (tx) => {
      await tx.accounts.lockAdmins();
      const user = await tx.users.create({ email, username, passwordHash });
      await tx.deployment.markUsed();
      await tx.accounts.setRoles(user.id, roles);
      await record(tx.audit, actor, 'account_created', user.id, { roles });
      return { ...user, roles: [...roles] };
    });
  }
}
