/** Passwords that attackers try first. */
export interface CommonPasswords {
  /** Compared without case. Answers at once. */
  has(password: string): boolean;
}
