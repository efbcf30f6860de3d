import { findUser, nameOf } from './accounts.js';
import type { Call, Command, Result } from './command.js';

async function setActive(call: Call, is_active: boolean): Promise<Result> {
  const { id } = await findUser(call);
  const user = await call.accounts.change(call.actor, id, { is_active });
  return { data: user, text: `${is_active ? 'Enabled' : 'Disabled'} ${nameOf(user)}.` };
}

export const disable: Command = {
  usage: '<user>',
  does: 'Disables an account and ends its sessions; running answers are finished',
  words: [1, 1],
  run: (call) => setActive(call, false),
};

export const enable: Command = {
  usage: '<user>',
  does: 'Enables it again',
  words: [1, 1],
  run: (call) => setActive(call, true),
};
