import type { Role, RoleBody, RoleChange, RoleQuota } from '../../contract/admin.js';
import { LIMITS } from '../../contract/limits.js';
import { PERMISSIONS } from '../../contract/permissions.js';
import { conflict, notFound } from '../../entities/errors.js';
import type { NodeNotices } from '../../ports/node-notices.js';
import type { Database, Repositories } from '../../ports/repositories/repositories.js';
import type { StoredRole } from '../../ports/repositories/role-repository.js';
import { type Actor, record } from '../rights/actor.js';
import { holdActor } from '../rights/held-actor.js';
import { ADMIN, permissionsOf, requireRank } from '../rights/permissions.js';

const BUILT_IN: ReadonlySet<string> = new Set(['user', ADMIN]);

const NO_QUOTA: RoleQuota = { tokens_per_day: null, tokens_per_month: null };

/** Permissions are in the order of the contract. */
function toRole({ name, permissions, createdAt, ...quota }: StoredRole): Role {
  const allowed = permissionsOf([name], permissions);
  return {
    name,
    permissions: PERMISSIONS.filter((permission) => allowed.has(permission)),
    tokens_per_day: quota.tokens_per_day,
    tokens_per_month: quota.tokens_per_month,
    built_in: BUILT_IN.has(name),
    created_at: createdAt.toISOString(),
  };
}

/** Manages roles and their permissions. Nobody may grant or take more than they have themselves. */
export class RoleAdmin {
  #db: Database;
  #notices: NodeNotices;

  constructor(db: Database, notices: NodeNotices) {
    this.#db = db;
    this.#notices = notices;
  }

  async list(): Promise<Role[]> {
    return (await this.#db.roles.list()).map(toRole);
  }

  /** @throws AppError `conflict` if the name is taken or there are too many roles, `forbidden` */
  create(asked: Actor, { name, permissions, ...quota }: RoleBody): Promise<Role> {
    return this.#db.transaction(async (tx) => {
      const actor = await lockRoles(tx, asked);
      requireRank(actor, new Set(permissions));
      const role = await tx.roles.create(
        { name, permissions, ...NO_QUOTA, ...quota },
        LIMITS.roles,
      );
      if (!role) throw conflict();
      await record(tx.audit, actor, 'role_created', null, { role: name, permissions, ...quota });
      return toRole(role);
    });
  }

  /** @throws AppError `not_found`, `conflict` for `admin`, `forbidden` */
  async change(asked: Actor, name: string, change: RoleChange): Promise<Role> {
    const role = await this.#db.transaction(async (tx) => {
      const actor = await lockRoles(tx, asked);
      requireRank(actor, new Set(change.permissions ?? []));
      const before = await lockRole(tx, actor, name);
      if (name === ADMIN) throw conflict();
      const after: StoredRole = { ...before, ...change };
      await tx.roles.update(name, after);
      const said = { role: name, before: before.permissions, ...change };
      await record(tx.audit, actor, 'role_changed', null, said);
      return toRole(after);
    });
    await this.#tellAll();
    return role;
  }

  /** @throws AppError `not_found`, `conflict` for built-in roles, `forbidden` */
  async delete(asked: Actor, name: string): Promise<void> {
    await this.#db.transaction(async (tx) => {
      const actor = await lockRoles(tx, asked);
      const { permissions } = await lockRole(tx, actor, name);
      if (BUILT_IN.has(name)) throw conflict();
      await tx.roles.delete(name);
      await record(tx.audit, actor, 'role_deleted', null, { role: name, permissions });
    });
    await this.#tellAll();
  }

  #tellAll(): Promise<void> {
    return this.#notices.send({ type: 'users_changed', userIds: null });
  }
}

/** Changes of accounts and roles run one at a time. The one before may have ended this actor's right. */
async function lockRoles(tx: Repositories, actor: Actor): Promise<Actor> {
  await tx.accounts.lockAdmins();
  return holdActor(tx, actor, 'roles:write');
}

async function lockRole(tx: Repositories, actor: Actor, name: string): Promise<StoredRole> {
  const role = await tx.roles.lock(name);
  if (!role) throw notFound();
  requireRank(actor, permissionsOf([name], role.permissions));
  return role;
}
