/** Erases what was marked as deleted: conversations with their messages, and users. */
export interface Removals {
  /**
   * Erases about `rows` rows in one short transaction. Resolves to false when nothing is left to erase for now:
   * what still runs is erased after its end.
   */
  erase(rows: number): Promise<boolean>;
}
