import type { Session, User } from '../contract/accounts.js';
import { sessionParams } from '../validation/schemas.js';
import { validate } from '../validation/validate.js';
import { findUser, nameOf, table } from './accounts.js';
import type { Call, Command, Result } from './command.js';

const HEAD = ['id', 'device', 'ip', 'created', 'last used'];

const toRow = (session: Session): string[] => [
  session.id,
  session.device,
  session.ip,
  session.created_at,
  session.last_used_at,
];

async function end({ sessions, actor }: Call, user: User, given: string): Promise<Result> {
  const id = given === 'all' ? null : validate(sessionParams, { id: given }, 'en').id;
  const ended = await sessions.end(actor, user.id, id);
  return { data: { ended }, text: `Ended ${ended} of the sessions of ${nameOf(user)}.` };
}

async function list({ sessions }: Call, user: User): Promise<Result> {
  const all = await sessions.list({ userId: user.id, sessionId: '' });
  return { data: all, text: table([HEAD, ...all.map(toRow)]) };
}

export const sessions: Command = {
  usage: '<user> [--revoke <session>|all]',
  does: 'Lists the devices on which a user is signed in, or ends one or all of them',
  options: { revoke: { type: 'string' } },
  words: [1, 1],
  async run(call) {
    const user = await findUser(call);
    const { revoke } = call.options;
    return typeof revoke === 'string' ? end(call, user, revoke) : list(call, user);
  },
};
