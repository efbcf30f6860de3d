import type { ClientEventName } from './events.js';

/** The permissions of roles, in the order of lists. One's own account needs none. */
export const PERMISSIONS = [
  'conversations:read',
  'conversations:write',
  'messages:send',
  'users:read',
  'users:write',
  'roles:read',
  'roles:write',
  'usage:read',
  'nodes:read',
  'nodes:write',
  'models:test',
  'audit:read',
  'settings:read',
] as const;

/** A right of roles. */
export type Permission = (typeof PERMISSIONS)[number];

/** A right within one's own conversations. */
export type ChatPermission = Extract<Permission, 'messages:send' | `conversations:${string}`>;

/** The initial permissions of the role `user`. The others concern more than one's own account. */
export const CHAT_PERMISSIONS: ReadonlySet<Permission> = new Set<Permission>([
  'conversations:read',
  'conversations:write',
  'messages:send',
]);

/** The permission of each client event; null: a live session is enough. A missing entry does not compile. */
export const EVENT_PERMISSIONS: Readonly<Record<ClientEventName, Permission | null>> = {
  'session:renew': null,
  'conversation:open': 'conversations:read',
  'conversation:close': null,
  'conversation:create': 'conversations:write',
  'conversation:update': 'conversations:write',
  'conversation:delete': 'conversations:write',
  'conversation:restore': 'conversations:write',
  'conversation:list': 'conversations:read',
  'conversation:search': 'conversations:read',
  'read:set': 'conversations:read',
  'message:send': 'messages:send',
  'message:edit': 'messages:send',
  'message:regenerate': 'messages:send',
  'message:continue': 'messages:send',
  'message:select': 'conversations:write',
  'message:delete': 'conversations:write',
  'generation:stop': 'messages:send',
  'generation:resume': 'conversations:read',
};
