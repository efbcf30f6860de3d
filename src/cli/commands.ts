import { record } from '../domain/rights/actor.js';
import type { Command } from './command.js';
import { createAdmin } from './create-admin.js';
import { keys } from './keys.js';
import { listUsers } from './list-users.js';
import { drain, listNodes } from './nodes.js';
import { grant, revoke } from './roles.js';
import { describeRotation, rotateSecrets } from './rotate-secrets.js';
import { sessions } from './sessions.js';
import { setPassword } from './set-password.js';
import { disable, enable } from './status.js';

const rotate: Command = {
  usage: '',
  does: 'Creates new secrets without logging anybody out; its output is secret',
  words: [0, 0],
  async run({ config, audit, actor }) {
    await record(audit, actor, 'secrets_rotated', null);
    const rotation = await rotateSecrets(config);
    return { data: rotation, text: describeRotation(rotation) };
  },
};

/** All commands by name. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['create-admin', createAdmin],
  ['grant', grant],
  ['revoke', revoke],
  ['disable', disable],
  ['enable', enable],
  ['list-users', listUsers],
  ['sessions', sessions],
  ['keys', keys],
  ['set-password', setPassword],
  ['list-nodes', listNodes],
  ['drain', drain],
  ['rotate-secrets', rotate],
]);

export function help(): string {
  const lines = [...COMMANDS].map(([name, { usage, does }]) => `  ${name} ${usage}\n      ${does}`);
  return [
    'node dist/cli.js <command> [--json]',
    '',
    ...lines,
    '',
    '<user> is an id (digits), an email address (with an @), or a name.',
  ].join('\n');
}
