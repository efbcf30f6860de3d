/** The rows that one removal erases, by kind and id. */
export interface Removal {
  /** `messages`: the deleted messages of a conversation that is not deleted itself. */
  kind: 'conversation' | 'messages' | 'user';
  id: number;
}

/** Erases rows that are marked as deleted: conversations with their messages, and users. */
export interface Removals {
  /**
   * Erases about `rows` rows of a removal that is not in `except`, in one short transaction. Resolves to false if
   * nothing is left for now: rows of running answers are erased after their ends.
   * @throws RemovalFailed if a removal cannot be erased
   */
  erase(rows: number, except: readonly Removal[]): Promise<boolean>;
}

/** `cause` is the reason. Other removals can still be erased. */
export class RemovalFailed extends Error {
  readonly removal: Removal;

  constructor(removal: Removal, cause: unknown) {
    super(`the ${removal.kind} ${removal.id} was not erased`, { cause });
    this.removal = removal;
  }
}
