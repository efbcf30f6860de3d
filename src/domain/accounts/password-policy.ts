import { invalid } from '../../entities/errors.js';
import type { CommonPasswords } from '../../ports/common-passwords.js';
import { identityKey } from './identity.js';

export interface ChosenPassword {
  password: string;
  /** The field that contained it. */
  path: string;
  /** The account that it will belong to. */
  email: string;
  username: string;
}

type Finding = 'password.common' | 'password.own';

/** Checks of a new password that a schema cannot make. */
export class PasswordPolicy {
  #common: CommonPasswords;

  constructor(common: CommonPasswords) {
    this.#common = common;
  }

  /** @throws AppError `validation_failed` for a common password, or for the user's own email or name */
  require(chosen: ChosenPassword): void {
    const code = this.#judge(chosen);
    if (code) throw invalid({ path: chosen.path, code });
  }

  #judge({ password, email, username }: ChosenPassword): Finding | null {
    const own = [email, email.split('@', 1)[0] ?? email, username].map(identityKey);
    const key = identityKey(password);
    if (own.includes(key)) return 'password.own';
    return this.#common.has(key) ? 'password.common' : null;
  }
}
