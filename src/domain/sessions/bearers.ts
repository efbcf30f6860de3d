import { isKeyLike } from '../accounts/key-token.js';
import type { AuthenticatedUser, AuthService } from './auth-service.js';
import type { KeyAuth } from './key-auth.js';

/** A token as it was shown. Keys do not count as cookies: only people use those. */
export interface ShownToken {
  token: string;
  as: 'bearer' | 'cookie';
}

export interface CallerLimits {
  /** Counts a call before anything is read for this user. */
  user(userId: number): Promise<void>;
  /** Counts a call before an unknown key is looked up. */
  stranger(): Promise<void>;
}

/** Turns tokens of sessions, and keys, into principals. */
export class Bearers {
  #auth: Pick<AuthService, 'verify' | 'admit'>;
  #keys: Pick<KeyAuth, 'owner' | 'admit'>;

  constructor(auth: Pick<AuthService, 'verify' | 'admit'>, keys: Pick<KeyAuth, 'owner' | 'admit'>) {
    this.#auth = auth;
    this.#keys = keys;
  }

  /** @throws AppError `token_invalid`, `token_expired`, `session_revoked`, `key_revoked`, `account_disabled` */
  async identify({ token, as }: ShownToken, limits: CallerLimits): Promise<AuthenticatedUser> {
    if (as === 'bearer' && isKeyLike(token)) {
      const owner = await this.#keys.owner(token, limits.stranger);
      await limits.user(owner.userId);
      return this.#keys.admit(owner);
    }
    const claims = this.#auth.verify(token);
    await limits.user(claims.userId);
    return this.#auth.admit(claims);
  }
}
