import { findUser, nameOf, rolesOf } from './accounts.js';
import type { Call, Command, Result } from './command.js';

async function setRoles(
  call: Call,
  choose: (has: readonly string[], named: readonly string[]) => string[],
): Promise<Result> {
  const { id } = await findUser(call);
  const named = call.words.slice(1);
  const user = await call.accounts.change(call.actor, id, ({ roles }) => ({
    roles: choose(roles, named),
  }));
  return { data: user, text: `Roles of ${nameOf(user)}: ${rolesOf(user)}.` };
}

export const grant: Command = {
  usage: '<user> <role>...',
  does: 'Grants roles to a user',
  words: [2, 20],
  run: (call) => setRoles(call, (has, named) => [...new Set([...has, ...named])]),
};

export const revoke: Command = {
  usage: '<user> <role>...',
  does: 'Revokes roles of a user',
  words: [2, 20],
  run: (call) => setRoles(call, (has, named) => has.filter((role) => !named.includes(role))),
};
