import type {
  AccountChange,
  AdminPageQuery,
  GatewayNode,
  ManagedUser,
  ModelCheck,
  ModelCheckBody,
  ModelWords,
  QueueReport,
  Role,
  RoleBody,
  RoleChange,
  Setting,
  UserListQuery,
} from '../admin.js';
import type { AuditEntry, AuditQuery } from '../audit.js';
import type { Invitation, InvitationBody, NewInvitation } from '../invitations.js';
import type { Acknowledgement, Readiness, ServiceInfo } from '../rest.js';
import type { UsageList, UsageQuery, UsageReport, UsageSums } from '../usage.js';

/** Administration. */
export interface AdminCalls {
  /**
   * Lists the accounts, newest first.
   * @pages
   */
  'GET /admin/users': { query: UserListQuery; response: ManagedUser[] };
  /**
   * Disables or enables an account, replaces its roles, or gives it limits of its own.
   * @throws `conflict` for the last administrator
   */
  'PATCH /admin/users/:id': { body: AccountChange; response: ManagedUser };
  /** Reports the usage of a user, as `GET /users/me/usage` does to themselves. */
  'GET /admin/users/:id/usage': { response: UsageReport };
  /**
   * Reports the usage of all users: a page of them, or sums by user, model or day.
   * @pages
   */
  'GET /admin/usage': { query: UsageQuery; response: UsageList | UsageSums };
  /** Lists the roles, oldest first. */
  'GET /admin/roles': { response: Role[] };
  /**
   * Defines a role.
   * @throws `conflict` if the name exists, or there are too many roles
   */
  'POST /admin/roles': { body: RoleBody; response: Role };
  /**
   * Changes a role's permissions or quota. Omitted fields stay unchanged.
   * @throws `conflict` for `admin`
   */
  'PATCH /admin/roles/:name': { body: RoleChange; response: Role };
  /**
   * Deletes a role. Its users lose it.
   * @throws `conflict` for `user` and `admin`
   */
  'DELETE /admin/roles/:name': { response: Acknowledgement };
  /**
   * Lists the invitations, newest first.
   * @pages
   */
  'GET /admin/invitations': { query: AdminPageQuery; response: Invitation[] };
  /**
   * Makes an invitation. `token` and `url` are never shown again.
   * @throws `conflict` if too many are open
   * @rate invite
   */
  'POST /admin/invitations': { body: InvitationBody; response: NewInvitation };
  /**
   * Revokes an invitation.
   * @throws `conflict` if it has been used
   */
  'DELETE /admin/invitations/:id': { response: Acknowledgement };
  /**
   * Tests whether a model answers.
   * @rate model-test
   */
  'POST /admin/models/test': { body: ModelCheckBody; response: ModelCheck };
  /**
   * Tells what the model server said of a failed answer, in a conversation of one's own.
   * @throws `not_found` if nothing is known
   */
  'GET /admin/messages/:id/words': { response: ModelWords };
  /** Lists the nodes of the last day. */
  'GET /admin/nodes': { response: GatewayNode[] };
  /** Drains a node: it ends or hands over its answers, and exits. */
  'POST /admin/nodes/:id/drain': { response: Acknowledgement };
  /** Reports which answers wait and run, on all nodes. */
  'GET /admin/queue': { response: QueueReport };
  /**
   * Reads the audit log, newest first.
   * @pages
   */
  'GET /admin/audit': { query: AuditQuery; response: AuditEntry[] };
  /** Lists the settings as they are in force on the node that replies. Of secrets it tells whether they are set. */
  'GET /admin/settings': { response: Setting[] };
}

/** The node itself. */
export interface ServiceCalls {
  /**
   * Names the product and its version. Browsers get the chat page.
   * @produces text/html
   */
  'GET /': { response: ServiceInfo };
  /** Says that the process lives. */
  'GET /health': { response: { status: 'healthy' } };
  /** Says that the process lives. */
  'GET /health/live': { response: { status: 'healthy' } };
  /**
   * Says whether the node can serve. An `unready` node responds with 503 and the same body.
   * @also 503
   */
  'GET /health/ready': { response: Readiness };
  /**
   * The node's metrics in the text format of Prometheus. With `METRICS_PORT` they are on that port instead; without it
   * and `METRICS_TOKEN` there are none.
   * @throws `unauthenticated` without the token
   * @throws `token_invalid` if the token is wrong
   * @throws `not_found` if the node serves no metrics here
   * @produces text/plain
   * @security metrics
   */
  'GET /metrics': { response: string };
  /** This description of the REST calls, as OpenAPI 3.1. */
  'GET /openapi.json': { response: Record<string, unknown> };
  /** The description of the socket events, as AsyncAPI 3.0. */
  'GET /asyncapi.json': { response: Record<string, unknown> };
  /**
   * The API reference as a page.
   * @produces text/html
   */
  'GET /docs': { response: string };
}
