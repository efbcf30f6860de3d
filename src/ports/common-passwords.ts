/** Passwords that attackers try first. */
export interface CommonPasswords {
  /** Compared without case. Synchronous and fast. */
  has(password: string): boolean;
}
