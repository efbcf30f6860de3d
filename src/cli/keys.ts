import type { ApiKey } from '../contract/keys.js';
import { revocable } from './revocable.js';

export const keys = revocable<ApiKey>({
  one: 'key',
  does: 'Lists the keys with which programs act for a user, or revokes one or all of them',
  head: ['id', 'name', 'begins with', 'scopes', 'created', 'expires', 'last used'],
  toRow: (key) => [
    ...[key.id, key.name, key.prefix, key.scopes.join(' '), key.created_at],
    ...[key.expires_at ?? 'never', key.last_used_at ?? 'never'],
  ],
  list: (call, userId) => call.keys.list(userId),
  end: (call, userId, id) => call.keys.end(call.actor, userId, id),
  ended: (count, name) => `Revoked ${count} of the keys of ${name}.`,
});
