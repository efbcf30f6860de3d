import type { Session } from '../contract/accounts.js';
import { revocable } from './revocable.js';

export const sessions = revocable<Session>({
  one: 'session',
  does: 'Lists the devices on which a user is logged in, or ends one or all of them',
  head: ['id', 'device', 'ip', 'created', 'last used'],
  toRow: ({ id, device, ip, created_at, last_used_at }) => [
    id,
    device,
    ip,
    created_at,
    last_used_at,
  ],
  list: (call, userId) => call.sessions.list({ userId, sessionId: '' }),
  end: (call, userId, id) => call.sessions.end(call.actor, userId, id),
  ended: (count, name) => `Ended ${count} of the sessions of ${name}.`,
});
