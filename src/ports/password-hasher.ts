/** Slow hashing, kept off the event loop. */
export interface PasswordHasher {
  /** Hashes the normalized form of the password, so that spellings that look the same are equal. */
  hash(password: string): Promise<string>;
  /**
   * A null hash takes as long as a real one and returns false, so that unknown users cannot be told apart. A wrong
   * password takes as long with a hash of an earlier, lower cost.
   */
  verify(password: string, hash: string | null): Promise<boolean>;
  /** Whether the hash is cheaper to guess than a new one. */
  isOutdated(hash: string): boolean;
  /** Ends the threads. */
  stop(): Promise<void>;
}
