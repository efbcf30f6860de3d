import type { Presence } from '../../ports/presence.js';
import type { MemoryHub } from './hub.js';

export interface MemoryPresence extends Presence {
  /** The node is gone, and its users with it. */
  stop(): void;
}

/** Presence in one process. Nothing expires: a node cannot die alone. */
export function createMemoryPresence(hub: MemoryHub): MemoryPresence {
  const node = {};
  const { presence: table } = hub;

  const present = (conversationId: number) =>
    [...(table.get(conversationId)?.keys() ?? [])].sort((a, b) => a - b);

  const tell = (conversationId: number) => {
    const payload = { conversation_id: conversationId, user_ids: present(conversationId) };
    hub.deliver(conversationId, { name: 'presence:changed', payload });
  };

  const leave = (conversationId: number, userId: number) => {
    const users = table.get(conversationId);
    const nodes = users?.get(userId);
    if (!users || !nodes?.delete(node) || nodes.size > 0) return;
    users.delete(userId);
    if (users.size > 0) tell(conversationId);
    else table.delete(conversationId);
  };

  return {
    present,
    everywhere: async (conversationId) => present(conversationId),

    async enter(conversationId, userId) {
      const users = table.get(conversationId) ?? new Map<number, Set<object>>();
      const nodes = users.get(userId) ?? new Set();
      const isNew = nodes.size === 0;
      table.set(conversationId, users.set(userId, nodes.add(node)));
      if (isNew && users.size > 1) tell(conversationId);
    },

    async leave(conversationId, userId) {
      leave(conversationId, userId);
    },

    stop() {
      for (const [conversationId, users] of table) {
        for (const userId of [...users.keys()]) leave(conversationId, userId);
      }
    },
  };
}
