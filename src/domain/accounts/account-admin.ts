import type { User } from '../../contract/accounts.js';
import type { AccountChange, ManagedUser, UserListQuery, UserQuota } from '../../contract/admin.js';
import { LIMITS } from '../../contract/limits.js';
import { conflict, invalid, notFound } from '../../entities/errors.js';
import { keySessionId } from '../../entities/key-sessions.js';
import type { NodeNotices } from '../../ports/node-notices.js';
import type { Account, AccountName, Page } from '../../ports/repositories/account-repository.js';
import type { Database, Repositories } from '../../ports/repositories/repositories.js';
import { type Actor, record } from '../rights/actor.js';
import { holdActor } from '../rights/held-actor.js';
import { ADMIN, permissionsOf, requireRank } from '../rights/permissions.js';

const isActiveAdmin = ({ is_active, roles }: User): boolean => is_active && roles.includes(ADMIN);

/** Ensures that an active administrator remains, who can undo changes. @throws AppError `conflict` */
export async function requireAdminLeft(tx: Repositories, before: User, after: User | null) {
  if (!isActiveAdmin(before) || (after && isActiveAdmin(after))) return;
  if (!(await tx.accounts.hasAdmin())) throw conflict();
}

/** Decides by the account's state, which nobody else can change meanwhile. */
type Choice = (user: User) => AccountChange;

/** Changes that administrators make to other accounts. */
export class AccountAdmin {
  #db: Database;
  #notices: NodeNotices;

  constructor(db: Database, notices: NodeNotices) {
    this.#db = db;
    this.#notices = notices;
  }

  /** @throws AppError `validation_failed` for a foreign cursor */
  list(query: UserListQuery): Promise<Page<ManagedUser>> {
    return this.#db.accounts.list({ ...query, limit: query.limit ?? LIMITS.pageDefault });
  }

  /**
   * Disabling an account ends all its sessions and keys; its unfinished answers are completed.
   * @throws AppError `not_found`, `forbidden` if the user has more rights than the actor, `conflict` for the last active
   * administrator, `validation_failed` for roles that do not exist
   */
  async change(asked: Actor, userId: number, wanted: AccountChange | Choice): Promise<ManagedUser> {
    const { user, ended } = await this.#db.transaction(async (tx) => {
      await tx.accounts.lockAdmins();
      const actor = await holdActor(tx, asked, 'users:write');
      const before = await lockAccount(tx, actor, userId);
      const change = typeof wanted === 'function' ? wanted(before.user) : wanted;
      if (change.roles) await setRoles(tx, actor, before.user, change.roles);
      await setQuota(tx, actor, before.user, change);
      const ended = await setActive(tx, actor, before.user, change.is_active);
      const after = await lockAccount(tx, actor, userId);
      await requireAdminLeft(tx, before.user, after.user);
      return { user: after.user, ended };
    });
    await this.#tell(user, ended);
    return user;
  }

  find(name: AccountName): Promise<User | null> {
    return this.#db.accounts.find(name);
  }

  async #tell({ id, is_active }: User, sessionIds: string[]): Promise<void> {
    if (sessionIds.length > 0) {
      await this.#notices.send({ type: 'session_ended', sessionIds, code: 'account_disabled' });
    }
    if (is_active) await this.#notices.send({ type: 'users_changed', userIds: [id] });
  }
}

async function lockAccount(tx: Repositories, actor: Actor, userId: number): Promise<Account> {
  const account = await tx.accounts.lock(userId);
  if (!account) throw notFound();
  requireRank(actor, permissionsOf(account.user.roles, account.permissions));
  return account;
}

async function setRoles(
  tx: Repositories,
  actor: Actor,
  { id, roles: before }: User,
  roles: string[],
) {
  const known = new Set((await tx.roles.list()).map(({ name }) => name));
  const unknown = roles.flatMap((value, i) =>
    known.has(value) ? [] : [{ path: `roles.${i}`, code: 'role.unknown', values: { value } }],
  );
  if (unknown.length > 0) throw invalid(...unknown);
  const added = roles.filter((name) => !before.includes(name));
  const removed = before.filter((name) => !roles.includes(name));
  if (added.length + removed.length === 0) return;
  await tx.accounts.setRoles(id, roles);
  await record(tx.audit, actor, 'roles_changed', id, { added, removed });
}

async function setQuota(
  tx: Repositories,
  actor: Actor,
  { id, tokens_per_day, tokens_per_month }: ManagedUser,
  change: AccountChange,
): Promise<void> {
  const before: UserQuota = { tokens_per_day, tokens_per_month };
  const {
    tokens_per_day: day = before.tokens_per_day,
    tokens_per_month: month = before.tokens_per_month,
  } = change;
  if (day === before.tokens_per_day && month === before.tokens_per_month) return;
  const quota: UserQuota = { tokens_per_day: day, tokens_per_month: month };
  await tx.accounts.setQuota(id, quota);
  await record(tx.audit, actor, 'quota_changed', id, { ...quota });
}

/** Returns the sessions and keys that were ended. */
async function setActive(
  tx: Repositories,
  actor: Actor,
  { id, is_active }: User,
  wanted = is_active,
): Promise<string[]> {
  if (wanted === is_active) return [];
  await tx.accounts.setActive(id, wanted);
  const sessions = wanted ? [] : await tx.sessions.revokeAll(id);
  const keys = wanted ? [] : await tx.keys.revokeAll(id);
  const action = wanted ? 'account_enabled' : 'account_disabled';
  const counts = { sessions: sessions.length, ...(keys.length > 0 && { keys: keys.length }) };
  await record(tx.audit, actor, action, id, wanted ? {} : counts);
  return [...sessions, ...keys.map(keySessionId)];
}
