import type { User } from '../contract/accounts.js';
import { userListQuery } from '../validation/admin-schemas.js';
import { validate } from '../validation/validate.js';
import { rolesOf, table } from './accounts.js';
import type { Command } from './command.js';

const HEAD = ['id', 'username', 'email', 'active', 'roles', 'created'];

const toRow = (user: User): string[] => [
  String(user.id),
  user.username,
  user.email,
  user.is_active ? 'yes' : 'no',
  rolesOf(user),
  user.created_at,
];

export const listUsers: Command = {
  usage: '[--q <text>] [--limit <number>] [--cursor <cursor>]',
  does: 'Lists accounts, newest first; --q searches addresses and names',
  options: { q: { type: 'string' }, limit: { type: 'string' }, cursor: { type: 'string' } },
  words: [0, 0],
  async run({ accounts, options }) {
    const { q, limit, cursor } = options;
    const query = validate(userListQuery, { q, limit, cursor }, 'en');
    const { entries, nextCursor } = await accounts.list(query);
    const more = nextCursor ? [`More: --cursor ${nextCursor}`] : [];
    return {
      data: { users: entries, next_cursor: nextCursor },
      text: [table([HEAD, ...entries.map(toRow)]), ...more].join('\n'),
    };
  },
};
