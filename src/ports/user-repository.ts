import type { User } from '../contract/rest.js';
import type { UserCredentials } from '../model/entities.js';

export interface NewUser {
  email: string;
  username: string;
  passwordHash: string;
}

export interface UserRepository {
  /** Stores the user with the role `user`. @throws AppError `email_taken`, `username_taken`, also for another spelling that people take for the same. */
  create(user: NewUser): Promise<User>;
  /** Finds the address in any spelling. */
  findCredentials(email: string): Promise<UserCredentials | null>;
  find(id: number): Promise<User | null>;
  /** Locks the row until the transaction ends, so that sign-ins and password changes take turns. */
  holdCredentials(id: number): Promise<UserCredentials | null>;
  /** @throws AppError `email_taken`, `username_taken`. Null: no such user. */
  update(
    id: number,
    change: { email?: string; username?: string; passwordHash?: string },
  ): Promise<User | null>;
  /** Only if the hash is still `before`, so that a password changed meanwhile stays. */
  replaceHash(id: number, before: string, after: string): Promise<void>;
  /**
   * The user is gone at once, with sessions, roles, address and name; what only this user owns is erased later.
   * Resolves to the generations that run and are to be stopped.
   */
  delete(id: number): Promise<number[]>;
}
