/** Slow hashing, kept off the event loop. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** With a null hash takes as long as with a real one and answers false, so that unknown users cannot be told apart. */
  verify(password: string, hash: string | null): Promise<boolean>;
  stop(): Promise<void>;
}
