import type { RoleQuota } from '../../contract/admin.js';

/** `permissions` are as stored, and may include names of another release. */
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
  /** Null: the name is taken, or there are already `most` roles. */
  create(
    role: RoleQuota & { name: string; permissions: readonly string[] },
    most: number,
  ): Promise<StoredRole | null>;
  /** Replaces permissions and quota of the role. */
  update(name: string, role: RoleQuota & { permissions: readonly string[] }): Promise<void>;
  /** Deletes the role, also from its users. */
  delete(name: string): Promise<void>;
}
