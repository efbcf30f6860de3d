/** Slow hashing, kept off the event loop. */
export interface PasswordHasher {
  /** Of the password's one form: equal for people, equal here. */
  hash(password: string): Promise<string>;
  /**
   * With a null hash takes as long as with a real one and returns false, so that unknown users cannot be told apart; a
   * wrong password takes as long with a hash of an earlier, lower cost.
   */
  verify(password: string, hash: string | null): Promise<boolean>;
  /** Whether it costs less to guess at than what `hash` makes now. */
  isOutdated(hash: string): boolean;
  stop(): Promise<void>;
}
