import type { GatewayNode } from '../contract/admin.js';
import { AppError } from '../entities/errors.js';
import { type Command, CommandError } from './command.js';

function stateOf({ alive, draining, hears }: GatewayNode): string {
  if (!alive) return 'silent';
  if (draining) return 'draining';
  return hears ? 'serving' : 'hears no other node';
}

const describe = (node: GatewayNode): string =>
  [node.id, node.version, stateOf(node), `${node.running} running`].join('  ');

export const listNodes: Command = {
  usage: '',
  does: 'Lists the nodes of the last day',
  words: [0, 0],
  async run({ nodes }) {
    const all = await nodes.list();
    return { data: all, text: all.map(describe).join('\n') || 'No nodes.' };
  },
};

export const drain: Command = {
  usage: '<node>',
  does: 'Lets a node finish or hand over its answers and end; <node> is its id',
  words: [1, 1],
  async run({ nodes, actor, words: [id = ''] }) {
    try {
      await nodes.drain(actor, id);
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found')
        throw new CommandError(`No node ${id} is alive. See list-nodes.`);
      throw error;
    }
    return { data: { id }, text: `Node ${id} will drain.` };
  },
};
