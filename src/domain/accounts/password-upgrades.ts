import type { UserCredentials } from '../../entities/entities.js';
import type { PasswordHasher } from '../../ports/password-hasher.js';
import type { Database } from '../../ports/repositories/repositories.js';
import type { Logger } from '../logger.js';

export interface PasswordUpgradesDeps {
  db: Pick<Database, 'users'>;
  hasher: PasswordHasher;
  logger: Logger;
}

/**
 * Hashes passwords again when the configured cost has risen. Only a login has the password, and must not wait for
 * it or fail because of it.
 */
export class PasswordUpgrades {
  #deps: PasswordUpgradesDeps;

  constructor(deps: PasswordUpgradesDeps) {
    this.#deps = deps;
  }

  /** Call it when `password` has proved right. Returns at once. */
  consider({ user, passwordHash }: UserCredentials, password: string): void {
    const { hasher, logger } = this.#deps;
    if (!hasher.isOutdated(passwordHash)) return;
    this.#upgrade(user.id, passwordHash, password).catch((error: unknown) =>
      logger.warn({ err: error, userId: user.id }, 'password hash not upgraded'),
    );
  }

  async #upgrade(userId: number, before: string, password: string): Promise<void> {
    const after = await this.#deps.hasher.hash(password);
    await this.#deps.db.users.replaceHash(userId, before, after);
  }
}
