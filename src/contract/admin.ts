import type { User, UserSummary } from './accounts.js';
import type { Permission } from './permissions.js';
import type { Timestamp } from './timestamp.js';

/** A page of an administrators' list: newest first. `cursor` comes from the `Link` header of the page before. */
export interface AdminPageQuery {
  limit?: number;
  cursor?: string;
}

/** `q` searches addresses and names, without case. */
export interface UserListQuery extends AdminPageQuery {
  q?: string;
}

/** Tokens that a user may use in a UTC day and month; null: no limit. */
export interface RoleQuota {
  tokens_per_day: number | null;
  tokens_per_month: number | null;
}

/** Limits of one user, which replace those of their roles; null: those of the roles apply. */
export type UserQuota = RoleQuota;

/** A user with their own limits, as administrators see them. */
export interface ManagedUser extends User, UserQuota {}

/** Omitted fields stay unchanged. `roles` replaces all roles of the user. */
export interface AccountChange extends Partial<UserQuota> {
  is_active?: boolean;
  roles?: string[];
}

/** A role with its permissions and quota. */
export interface Role extends RoleQuota {
  name: string;
  permissions: Permission[];
  /** It cannot be deleted. The permissions of `admin` cannot be changed either. */
  built_in: boolean;
  created_at: Timestamp;
}

/** A new role. Omitted limits mean no limit. */
export interface RoleBody extends Partial<RoleQuota> {
  name: string;
  permissions: Permission[];
}

/** Omitted fields stay unchanged. */
export interface RoleChange extends Partial<RoleQuota> {
  permissions?: Permission[];
}

/** Why a model gave no answer. */
export type ModelFault =
  | 'credentials'
  | 'not_found'
  | 'refused'
  | 'too_long'
  | 'reported'
  | 'broken'
  | 'too_large'
  | 'busy'
  | 'failing'
  | 'unreachable'
  | 'lost'
  | 'no_answer'
  | 'silent'
  | 'too_slow';

/** Body of `POST /admin/models/test`. Without a model, the default one. */
export interface ModelCheckBody {
  model?: string;
}

/**
 * Whether a model answers. `message` is for people. `words` are the model server's own, without keys. `ms`: until its
 * first sign, or until it failed.
 */
export interface ModelCheck {
  model: string;
  ok: boolean;
  fault: ModelFault | null;
  message: string;
  words: string | null;
  ms: number;
}

/** What the model server said of an answer that failed, without keys. It may quote the question. */
export interface ModelWords {
  message_id: number;
  words: string;
}

/** Answers that wait or run, on all nodes. */
export interface QueueReport {
  waiting: number;
  running: number;
  /** Age of the answer that waits longest; 0 without any. */
  oldest_ms: number;
  /** Nodes with running answers. */
  nodes: { id: string; running: number }[];
  /** Users with answers, most first; at most 100. */
  users: QueueUser[];
}

export interface QueueUser extends UserSummary {
  waiting: number;
  running: number;
}

/** A gateway process, as its heartbeat reports it. */
export interface GatewayNode {
  id: string;
  hostname: string;
  version: string;
  /** Whether other nodes' events reach it. */
  hears: boolean;
  /** Its heartbeat is recent. */
  alive: boolean;
  /** It was asked to drain, and ends when its answers have. */
  draining: boolean;
  /** Answers that it is writing. */
  running: number;
  started_at: Timestamp;
  beat_at: Timestamp;
}

/** Parts of the settings, in the order of lists. */
export const SETTING_GROUPS = [
  'node',
  'tokens',
  'stores',
  'model',
  'answers',
  'limits',
  'traces',
] as const;

/** A setting as it is in force on the node that replies. */
export interface Setting {
  name: string;
  group: (typeof SETTING_GROUPS)[number];
  /**
   * Null: nothing is set, and there is no default. Secrets are only `set` or `not set`. Users and passwords in
   * addresses are `***`.
   */
  value: string | null;
  default: string | null;
  source: 'environment' | 'default';
  /** Unit of a number. */
  unit: string | null;
  secret: boolean;
}
