import { keyParams } from '../validation/schemas.js';
import { validate } from '../validation/validate.js';
import { findUser, nameOf, table } from './accounts.js';
import type { Call, Command } from './command.js';

/** Things of which a user has several. */
export interface Revocable<T> {
  /** The word for one of them, in the usage. */
  one: string;
  does: string;
  head: readonly string[];
  toRow(item: T): string[];
  list(call: Call, userId: number): Promise<T[]>;
  /** A null `id` means all. Resolves to their number. */
  end(call: Call, userId: number, id: string | null): Promise<number>;
  ended(count: number, name: string): string;
}

/** A command that lists what a user has, and ends one or all of it. */
export const revocable = <T>(what: Revocable<T>): Command => ({
  usage: `<user> [--revoke <${what.one}>|all]`,
  does: what.does,
  options: { revoke: { type: 'string' } },
  words: [1, 1],
  async run(call) {
    const user = await findUser(call);
    const { revoke } = call.options;
    if (typeof revoke !== 'string') {
      const all = await what.list(call, user.id);
      return { data: all, text: table([[...what.head], ...all.map(what.toRow)]) };
    }
    const id = revoke === 'all' ? null : validate(keyParams, { id: revoke }, 'en').id;
    const ended = await what.end(call, user.id, id);
    return { data: { ended }, text: what.ended(ended, nameOf(user)) };
  },
});
