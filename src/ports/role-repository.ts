/** `permissions` as stored: names that another release knows may be among them. */
export interface StoredRole {
  name: string;
  permissions: string[];
  createdAt: Date;
}

export interface RoleRepository {
  /** The oldest first, all of them: their number is bounded when they are created. */
  list(): Promise<StoredRole[]>;
  /** Locks the row until the transaction ends. */
  lock(name: string): Promise<StoredRole | null>;
  /** Null: the name is taken, or there are `most` already. */
  create(
    role: { name: string; permissions: readonly string[] },
    most: number,
  ): Promise<StoredRole | null>;
  setPermissions(name: string, permissions: readonly string[]): Promise<void>;
  /** Its users lose it. */
  delete(name: string): Promise<void>;
}
