import type {
  AccountChange,
  GatewayNode,
  ManagedUser,
  ModelCheck,
  ModelWords,
  QueueReport,
  Role,
  RoleBody,
  RoleChange,
  Setting,
  UserListQuery,
} from '../../contract/admin.js';
import type { AuditEntry, AuditQuery } from '../../contract/audit.js';
import type { Invitation, InvitationBody, NewInvitation } from '../../contract/invitations.js';
import type { Acknowledgement } from '../../contract/rest.js';
import type { UsageReport, UsageSumBy, UsageSums } from '../../contract/usage.js';
import { type RestOptions, request, search } from './request.js';

/** A page of a list: `next_cursor` is null at its end. */
export interface RestPage<T> {
  entries: T[];
  next_cursor: string | null;
}

/** Calls of administrators. Every call needs a permission, and rejects with `forbidden` without it. */
export interface AdminRest {
  /** Newest first. */
  users(query?: UserListQuery): Promise<RestPage<ManagedUser>>;
  /** @throws ParleyError `conflict` for the last active administrator */
  changeUser(id: number, change: AccountChange): Promise<ManagedUser>;
  /** @throws ParleyError `not_found` */
  usageOf(id: number): Promise<UsageReport>;
  roles(): Promise<Role[]>;
  /** @throws ParleyError `conflict` if the name exists, or there are too many roles */
  createRole(body: RoleBody): Promise<Role>;
  /** @throws ParleyError `conflict` for `admin` */
  changeRole(name: string, change: RoleChange): Promise<Role>;
  /** Takes the role away from its users. @throws ParleyError `conflict` for `user` and `admin` */
  deleteRole(name: string): Promise<Acknowledgement>;
  /** Newest first. */
  invitations(query?: { limit?: number; cursor?: string }): Promise<RestPage<Invitation>>;
  /** The token and the link are never shown again. @throws ParleyError `conflict` if too many are open */
  invite(body: InvitationBody): Promise<NewInvitation>;
  /** @throws ParleyError `conflict` if it has been used */
  revokeInvitation(id: number): Promise<Acknowledgement>;
  /** Answers that wait or run, on all nodes. */
  queue(): Promise<QueueReport>;
  /** Usage of all users. */
  usageBy<B extends UsageSumBy>(by: B): Promise<Extract<UsageSums, { by: B }>>;
  /** The audit log, newest first. */
  audit(query?: AuditQuery): Promise<RestPage<AuditEntry>>;
  /** Reads the settings in force on the node that replies. Of secrets it tells whether they are set. */
  settings(): Promise<Setting[]>;
  /** The nodes of the last day, newest heartbeat first. */
  nodes(): Promise<GatewayNode[]>;
  /** Lets a node finish or hand over its answers and end. @throws ParleyError `not_found` if it does not live */
  drainNode(id: string): Promise<Acknowledgement>;
  /**
   * Reads the model server's words about a failed answer in a conversation of one's own.
   * @throws ParleyError `not_found`
   */
  modelWords(messageId: number): Promise<ModelWords>;
  /** Tests whether a model answers, by default the default one. It may take a minute. */
  testModel(model?: string): Promise<ModelCheck>;
}

/**
 * Calls of administrators, apart from `createRest`, so that other pages need not load them.
 * @example
 * const admin = createAdminRest({ url, token: () => token, timeoutMs: 10_000 });
 * const { entries, next_cursor } = await admin.users({ q: 'ada' });
 */
export function createAdminRest(options: RestOptions): AdminRest {
  const post = <T>(path: string, body: object) =>
    request<T>(options, path, { method: 'POST', body });
  const page = <T>(path: string) => request<RestPage<T>>(options, path, { read: toPage });
  return {
    users: (query = {}) => page(`/admin/users${search(query)}`),
    changeUser: (id, body) => request(options, `/admin/users/${id}`, { method: 'PATCH', body }),
    usageOf: (id) => request(options, `/admin/users/${id}/usage`, {}),
    roles: () => request(options, '/admin/roles', {}),
    createRole: (body) => post('/admin/roles', body),
    changeRole: (name, body) => request(options, roleAt(name), { method: 'PATCH', body }),
    deleteRole: (name) => request(options, roleAt(name), { method: 'DELETE' }),
    invitations: (query = {}) => page(`/admin/invitations${search(query)}`),
    invite: (body) => post('/admin/invitations', body),
    revokeInvitation: (id) => request(options, `/admin/invitations/${id}`, { method: 'DELETE' }),
    queue: () => request(options, '/admin/queue', {}),
    usageBy: (by) => request(options, `/admin/usage?by=${by}`, {}),
    audit: (query = {}) => page(`/admin/audit${search(query)}`),
    settings: () => request(options, '/admin/settings', {}),
    nodes: () => request(options, '/admin/nodes', {}),
    drainNode: (id) => post(`/admin/nodes/${encodeURIComponent(id)}/drain`, {}),
    modelWords: (id) => request(options, `/admin/messages/${id}/words`, {}),
    testModel: (model) => post('/admin/models/test', model === undefined ? {} : { model }),
  };
}

const roleAt = (name: string): string => `/admin/roles/${encodeURIComponent(name)}`;

/** The cursor stands in the `Link` header. */
async function toPage(response: Response): Promise<RestPage<unknown>> {
  const link = response.headers.get('link') ?? '';
  const [, cursor] = /<[^>]*[?&]cursor=([^&>]*)[^>]*>; rel="next"/.exec(link) ?? [];
  const next_cursor = cursor === undefined ? null : decodeURIComponent(cursor);
  return { entries: await response.json(), next_cursor };
}
