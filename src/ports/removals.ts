/** The row that blocks a removal: its kind and its id. */
export interface Removal {
  /** `messages`: those of a conversation that were deleted by themselves. */
  kind: 'conversation' | 'messages' | 'user';
  id: number;
}

/** Erases rows that are marked as deleted: conversations with their messages, and users. */
export interface Removals {
  /**
   * Erases about `rows` rows of one that is not in `except`, in one short transaction. Resolves to false when nothing is
   * left to erase for now: what still runs is erased after its end.
   * @throws RemovalFailed when one cannot be erased
   */
  erase(rows: number, except: readonly Removal[]): Promise<boolean>;
}

/** `cause` says why; the others can still be erased. */
export class RemovalFailed extends Error {
  readonly removal: Removal;

  constructor(removal: Removal, cause: unknown) {
    super(`the ${removal.kind} ${removal.id} was not erased`, { cause });
    this.removal = removal;
  }
}
