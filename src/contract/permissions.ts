import type { ClientEventName } from './events.js';

/** What roles can allow, in the order in which lists show them. Nobody needs one for the own account. */
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
  'audit:read',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** What the role `user` is given at first. The others concern more than the own account. */
export const CHAT_PERMISSIONS: ReadonlySet<Permission> = new Set<Permission>([
  'conversations:read',
  'conversations:write',
  'messages:send',
]);

/** What each client event needs; null: a live session is enough. A missing one does not compile. */
export const EVENT_PERMISSIONS: Readonly<Record<ClientEventName, Permission | null>> = {
  'session:renew': null,
  'conversation:open': 'conversations:read',
  'conversation:close': null,
  'conversation:create': 'conversations:write',
  'conversation:update': 'conversations:write',
  'conversation:delete': 'conversations:write',
  'conversation:list': 'conversations:read',
  'message:send': 'messages:send',
  'generation:stop': 'messages:send',
  'generation:resume': 'conversations:read',
};
