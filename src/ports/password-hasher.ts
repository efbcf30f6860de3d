/** Slow hashing, kept off the event loop. */
export interface PasswordHasher {
  /** Hashes the password's normalized form: spellings that look the same are the same. */
  hash(password: string): Promise<string>;
  /**
   * With a null hash takes as long as with a real one and returns false, so that unknown users cannot be told apart; a
   * wrong password takes as long with a hash of an earlier, lower cost.
   */
  verify(password: string, hash: string | null): Promise<boolean>;
  /** Whether it is cheaper to guess than a hash made now. */
  isOutdated(hash: string): boolean;
  stop(): Promise<void>;
}
