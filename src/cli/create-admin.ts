import { registerBody } from '../validation/schemas.js';
import { validate } from '../validation/validate.js';
import { nameOf } from './accounts.js';
import type { Command } from './command.js';

/** Creates the first administrator, and further ones. */
export const createAdmin: Command = {
  usage: '--email <address> --username <name>',
  does: 'Creates an account with the roles user and admin; asks for its password',
  options: { email: { type: 'string' }, username: { type: 'string' } },
  words: [0, 0],
  async run({ creation, actor, options, readPassword }) {
    const { email, username } = options;
    const password = await readPassword();
    const body = validate(registerBody, { email, username, password }, 'en');
    const user = await creation.create(actor, body, ['user', 'admin']);
    return { data: user, text: `Created the administrator ${nameOf(user)}.` };
  },
};
