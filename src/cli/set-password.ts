import type { RegisterBody } from '../contract/accounts.js';
import { json, newPassword } from '../validation/schema-types.js';
import { validate } from '../validation/validate.js';
import { findUser, nameOf } from './accounts.js';
import type { Command } from './command.js';

const given = json<Pick<RegisterBody, 'password'>>({ password: newPassword().required() });

/** Helps users who forgot their passwords. */
export const setPassword: Command = {
  usage: '<user>',
  does: 'Sets a new password for a user, asks for it, and ends all sessions',
  words: [1, 1],
  async run(call) {
    const { passwords, policy, actor, readPassword } = call;
    const user = await findUser(call);
    const { password } = validate(given, { password: await readPassword() }, 'en');
    policy.require({ ...user, password, path: 'password' });
    const ended = await passwords.reset(actor, user.id, password);
    return { data: { ended }, text: `New password of ${nameOf(user)}; sessions ended: ${ended}.` };
  },
};
