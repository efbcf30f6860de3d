import type { User } from '../contract/rest.js';

export interface Page<T> {
  entries: T[];
  nextCursor: string | null;
}

export interface Account {
  user: User;
  /** All that the user's roles have, as stored. */
  permissions: string[];
}

/** Who is meant: each kind is looked up in its own column and never in another. */
export type AccountName =
  | { kind: 'id'; value: number }
  | { kind: 'email'; value: string }
  | { kind: 'username'; value: string };

/** Accounts as administrators see them. */
export interface AccountRepository {
  /** Newest first. `q` searches addresses and names in any spelling that people take for the same. @throws AppError `validation_failed` for a foreign cursor */
  list(query: { limit: number; cursor?: string; q?: string }): Promise<Page<User>>;
  /** Addresses and names in any spelling that people take for the same. */
  find(name: AccountName): Promise<User | null>;
  /** Makes all changes of who is an administrator take turns until the transaction ends. Before any `lock`. */
  lockAdmins(): Promise<void>;
  /** Locks the row until the transaction ends. */
  lock(id: number): Promise<Account | null>;
  setActive(id: number, isActive: boolean): Promise<void>;
  /** Replaces all roles of the user. Names that no role has are left out. */
  setRoles(id: number, names: readonly string[]): Promise<void>;
  /** Whether anybody who is active has the role `admin`. */
  hasAdmin(): Promise<boolean>;
}
