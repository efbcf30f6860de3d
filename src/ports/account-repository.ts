import type { User } from '../contract/rest.js';

export interface Page<T> {
  entries: T[];
  nextCursor: string | null;
}

/** Accounts as administrators see them. */
export interface AccountRepository {
  /** Newest first. `q` searches addresses and names, without case. @throws AppError `validation_failed` for a foreign cursor */
  list(query: { limit: number; cursor?: string; q?: string }): Promise<Page<User>>;
}
