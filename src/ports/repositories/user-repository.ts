import type { User } from '../../contract/accounts.js';
import type { UserCredentials } from '../../entities/entities.js';

export interface NewUser {
  email: string;
  username: string;
  passwordHash: string;
}

export interface UserRepository {
  /**
   * Stores the user with the role `user`.
   * @throws AppError `email_taken`, `username_taken`, also for another spelling that looks the same
   */
  create(user: NewUser): Promise<User>;
  /** Finds the address in any spelling. */
  findCredentials(email: string): Promise<UserCredentials | null>;
  /** Null: no such user. */
  find(id: number): Promise<User | null>;
  /** Null: no such user. */
  credentials(id: number): Promise<UserCredentials | null>;
  /** Reads them, and locks the row until the transaction ends, so that logins and password changes take turns. */
  holdCredentials(id: number): Promise<UserCredentials | null>;
  /** @throws AppError `email_taken`, `username_taken`. Null: no such user. */
  update(
    id: number,
    change: { email?: string; username?: string; passwordHash?: string },
  ): Promise<User | null>;
  /** Does nothing if the hash is no longer `before`, so that a password changed meanwhile stays. */
  replaceHash(id: number, before: string, after: string): Promise<void>;
  /**
   * Removes the user at once, with sessions, roles, address and name. Data that only this user owns are erased later.
   * Resolves to the running generations that must be stopped.
   */
  delete(id: number): Promise<number[]>;
}
