import type { User } from '../../contract/accounts.js';
import type { UserCredentials } from '../../entities/entities.js';
import { AppError } from '../../entities/errors.js';
import type { PasswordHasher } from '../../ports/password-hasher.js';
import type { Repositories } from '../../ports/repositories/repositories.js';

/**
 * The current user, locked until the transaction ends, so that logins and changes of the password take turns.
 * `known` was verified before. Only a hash that has changed since is verified again, under the lock.
 * @throws AppError `invalid_credentials`
 */
export async function holdVerified(
  tx: Repositories,
  hasher: Pick<PasswordHasher, 'verify'>,
  known: UserCredentials,
  password: string,
): Promise<User> {
  const held = await tx.users.holdCredentials(known.user.id);
  if (!held) throw new AppError('invalid_credentials');
  const same = held.passwordHash === known.passwordHash;
  if (same || (await hasher.verify(password, held.passwordHash))) return held.user;
  throw new AppError('invalid_credentials');
}
