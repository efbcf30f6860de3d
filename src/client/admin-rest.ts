import type { User } from '../contract/accounts.js';
import type {
  AccountChange,
  GatewayNode,
  ModelCheck,
  QueueReport,
  Role,
  UserListQuery,
} from '../contract/admin.js';
import type { Invitation, InvitationBody, NewInvitation } from '../contract/invitations.js';

import type { Acknowledgement } from '../contract/rest.js';
import type { UsageSumBy, UsageSums } from '../contract/usage.js';
import { type RestOptions, type RestPage, request, search } from './request.js';

/** What administrators do. Every call needs a permission, and rejects with `forbidden` without it. */
export interface AdminRest {
  /** Newest first. */
  users(query?: UserListQuery): Promise<RestPage<User>>;
  /** @throws ParleyError `conflict` for the last active administrator */
  changeUser(id: number, change: AccountChange): Promise<User>;
  roles(): Promise<Role[]>;
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
  /** The nodes of the last day, newest heartbeat first. */
  nodes(): Promise<GatewayNode[]>;
  /** Lets a node finish or hand over its answers and end. @throws ParleyError `not_found` if it does not live */
  drainNode(id: string): Promise<Acknowledgement>;
  /** Whether a model answers, by default the default one. It may take a minute. */
  testModel(model?: string): Promise<ModelCheck>;
}

/** Calls of administrators, apart from `createRest`, so that other pages need not load them. */
export function createAdminRest(options: RestOptions): AdminRest {
  const post = <T>(path: string, body: object) =>
    request<T>(options, path, { method: 'POST', body });
  const page = <T>(path: string) => request<RestPage<T>>(options, path, { as: 'page' });
  return {
    users: (query = {}) => page(`/admin/users${search(query)}`),
    changeUser: (id, body) => request(options, `/admin/users/${id}`, { method: 'PATCH', body }),
    roles: () => request(options, '/admin/roles', {}),
    invitations: (query = {}) => page(`/admin/invitations${search(query)}`),
    invite: (body) => post('/admin/invitations', body),
    revokeInvitation: (id) => request(options, `/admin/invitations/${id}`, { method: 'DELETE' }),
    queue: () => request(options, '/admin/queue', {}),
    usageBy: (by) => request(options, `/admin/usage?by=${by}`, {}),
    nodes: () => request(options, '/admin/nodes', {}),
    drainNode: (id) => post(`/admin/nodes/${encodeURIComponent(id)}/drain`, {}),
    testModel: (model) => post('/admin/models/test', model === undefined ? {} : { model }),
  };
}
