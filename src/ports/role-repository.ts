import type { RoleQuota } from '../contract/admin.js';

/** `permissions` as stored: names that another release knows may be among them. */
export interface StoredRole extends RoleQuota {
  name: string;
  permissions: string[];
  createdAt: Date;
}

export interface RoleRepository {
  /** All roles, oldest first. Their number is bounded at creation. */
  list(): Promise<StoredRole[]>;
  /** Locks the row until the transaction ends. */
  lock(name: string): Promise<StoredRole | null>;
  /** Null: the name is taken, or there are `most` already. */
  create(
    role: RoleQuota & { name: string; permissions: readonly string[] },
    most: number,
  ): Promise<StoredRole | null>;
  update(name: string, role: RoleQuota & { permissions: readonly string[] }): Promise<void>;
  /** Its users lose it. */
  delete(name: string): Promise<void>;
}
