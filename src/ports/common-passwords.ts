/** Passwords that attackers try first. */
export interface CommonPasswords {
  /** Compares without case. Synchronous and fast. */
  has(password: string): boolean;
}
