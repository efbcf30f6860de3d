import type { User } from '../../contract/accounts.js';
import type { ManagedUser, UserQuota } from '../../contract/admin.js';

export interface Page<T> {
  entries: T[];
  nextCursor: string | null;
}

export interface Account {
  user: ManagedUser;
  /** All permissions of the user's roles, as stored. */
  permissions: string[];
}

/** An account's id, address or name. Each is looked up in its own column only. */
export type AccountName =
  | { kind: 'id'; value: number }
  | { kind: 'email'; value: string }
  | { kind: 'username'; value: string };

/** Accounts as administrators see them. */
export interface AccountRepository {
  /**
   * Newest first. `q` searches addresses and names in any spelling.
   * @throws AppError `validation_failed` for a foreign cursor
   */
  list(query: { limit: number; cursor?: string; q?: string }): Promise<Page<ManagedUser>>;
  /** Addresses and names match in any spelling. */
  find(name: AccountName): Promise<User | null>;
  /** Serializes all changes of administrators until the transaction ends. Call it before any `lock`. */
  lockAdmins(): Promise<void>;
  /** Locks the row until the transaction ends. */
  lock(id: number): Promise<Account | null>;
  /** Enables or disables an account. */
  setActive(id: number, isActive: boolean): Promise<void>;
  /** Replaces all roles of the user. Unknown names are left out. */
  setRoles(id: number, names: readonly string[]): Promise<void>;
  /** Sets the limits of the user. */
  setQuota(id: number, quota: UserQuota): Promise<void>;
  /** Whether any active user has the role `admin`. */
  hasAdmin(): Promise<boolean>;
}
