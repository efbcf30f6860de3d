import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { type AdminRest, ParleyError } from '../../../client/index.js';
import type {
  AccountChange,
  GatewayNode,
  ManagedUser,
  ModelCheck,
  QueueReport,
  Role,
  RoleBody,
  RoleChange,
  Setting,
} from '../../../contract/admin.js';
import type { Invitation, InvitationBody, NewInvitation } from '../../../contract/invitations.js';
import type { UsageReport } from '../../../contract/usage.js';
import { createLatest } from '../latest.js';
import { createListed, type Listed } from '../listed.js';
import { type AdminUsage, createAdminUsage } from './admin-usage.js';
import { type AuditTrail, createAuditTrail } from './audit-trail.js';

/** State and actions of the page of administrators, loaded when it is opened. */
export interface Admin {
  people: Listed<ManagedUser>;
  /** Resolves as `load` does. */
  search(q: string): Promise<boolean>;
  change(id: number, change: AccountChange): Promise<void>;
  /** The usage and limits of one user. */
  usageOf(id: number): Promise<UsageReport>;
  /** Names, oldest first; empty if this administrator may not see them. */
  roles: ReadonlySignal<readonly string[]>;
  loadRoles(): Promise<void>;
  /** Null until they are known. */
  roleList: ReadonlySignal<readonly Role[] | null>;
  /** @throws ParleyError also `forbidden` */
  loadRoleList(): Promise<void>;
  createRole(body: RoleBody): Promise<void>;
  changeRole(name: string, change: RoleChange): Promise<void>;
  deleteRole(name: string): Promise<void>;
  invitations: Listed<Invitation>;
  invite(body: InvitationBody): Promise<NewInvitation>;
  revoke(id: number): Promise<void>;
  /** Null until they are known. */
  nodes: ReadonlySignal<readonly GatewayNode[] | null>;
  queue: ReadonlySignal<QueueReport | null>;
  loadNodes(): Promise<void>;
  drain(id: string): Promise<void>;
  usage: AdminUsage;
  audit: AuditTrail;
  settings: ReadonlySignal<readonly Setting[] | null>;
  loadSettings(): Promise<void>;
  check: ReadonlySignal<ModelCheck | null>;
  testModel(): Promise<void>;
}

export function createAdmin(rest: AdminRest): Admin {
  const roles = createLatest<readonly Role[]>(() => rest.roles());
  const settings = createLatest<readonly Setting[]>(() => rest.settings());
  const check = signal<ModelCheck | null>(null);
  let checks = 0;
  const nodes = createLatest(async () => {
    const [all, queue] = await Promise.all([rest.nodes(), rest.queue()]);
    return { all, queue };
  });
  let q = '';
  const people = createListed<ManagedUser>((cursor) =>
    rest.users({ ...(q !== '' && { q }), ...(cursor !== null && { cursor }) }),
  );
  const invitations = createListed<Invitation>((cursor) =>
    rest.invitations(cursor === null ? {} : { cursor }),
  );
  // The change is done, even if the list cannot be read now.
  const relist = () => invitations.load().catch(() => undefined);
  return {
    people,
    search: (text) => {
      q = text;
      return people.load();
    },
    change: async (id, change) => {
      people.replace(await rest.changeUser(id, change));
    },
    usageOf: (id) => rest.usageOf(id),
    roles: computed(() => roles.value.value?.map(({ name }) => name) ?? []),
    loadRoles: () =>
      roles.read().catch((error: unknown) => {
        if (!(error instanceof ParleyError) || error.code !== 'forbidden') throw error;
        roles.clear();
      }),
    roleList: roles.value,
    loadRoleList: roles.read,
    createRole: async (body) => {
      const made = await rest.createRole(body);
      roles.change((all) => [...all.filter((role) => role.name !== made.name), made]);
    },
    changeRole: async (name, change) => {
      const changed = await rest.changeRole(name, change);
      roles.change((all) => all.map((role) => (role.name === name ? changed : role)));
    },
    deleteRole: async (name) => {
      await rest.deleteRole(name);
      roles.change((all) => all.filter((role) => role.name !== name));
    },
    invitations,
    invite: async (body) => {
      const made = await rest.invite(body);
      await relist();
      return made;
    },
    revoke: async (id) => {
      await rest.revokeInvitation(id);
      await relist();
    },
    nodes: computed(() => nodes.value.value?.all ?? null),
    queue: computed(() => nodes.value.value?.queue ?? null),
    loadNodes: nodes.read,
    drain: async (id) => {
      await rest.drainNode(id);
      await nodes.read().catch(() => undefined);
    },
    usage: createAdminUsage(rest),
    audit: createAuditTrail(rest),
    settings: settings.value,
    loadSettings: settings.read,
    check,
    testModel: async () => {
      checks += 1;
      const mine = checks;
      check.value = null;
      const found = await rest.testModel();
      if (mine === checks) check.value = found;
    },
  };
}
