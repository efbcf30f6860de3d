import { randomUUID } from 'node:crypto';
import type { RoomEvent } from '../../contract/events.js';
import type { FailureDelays } from '../../ports/failure-delays.js';
import type { ConversationReader } from '../../ports/live-log.js';
import type { NodeNotice } from '../../ports/node-notices.js';
import type { Subscription } from '../../ports/subscription.js';
import { PaceLine } from '../engine/pace-line.js';
import { createMemoryDelays } from './failure-delays.js';
import { createLogTable, type LogTable } from './log-table.js';

/** The nodes on which each user of a conversation is present. */
export type PresenceTable = Map<number, Map<number, Set<object>>>;

/** Shared by the nodes of one process, like Redis by the nodes of a cluster. */
export interface MemoryHub {
  name: string;
  logs: LogTable;
  pace: PaceLine;
  /** The line of a further model server. There are as many as the operator has set up. */
  paceOf(provider: string): PaceLine;
  delays: FailureDelays;
  presence: PresenceTable;
  deliver(conversationId: number, event: RoomEvent): void;
  resync(conversationId: number): void;
  subscribe(conversationId: number, reader: ConversationReader): Subscription;
  notify(notice: NodeNotice): void;
  onNotice(listener: (notice: NodeNotice) => void): Subscription;
}

export function createMemoryHub(): MemoryHub {
  const readers = new Map<number, Set<ConversationReader>>();
  const listeners = new Set<(notice: NodeNotice) => void>();

  const lines = new Map<string, PaceLine>();

  const readersOf = (conversationId: number) => readers.get(conversationId) ?? [];

  return {
    name: `memory ${randomUUID()}`,
    logs: createLogTable(),
    pace: new PaceLine(),
    paceOf: (provider) => {
      const line = lines.get(provider) ?? new PaceLine();
      lines.set(provider, line);
      return line;
    },
    delays: createMemoryDelays(),
    presence: new Map(),

    deliver(conversationId, event) {
      for (const reader of readersOf(conversationId)) reader.onEvent(event);
    },

    resync(conversationId) {
      for (const reader of readersOf(conversationId)) reader.onResync();
    },

    subscribe(conversationId, reader) {
      const group = readers.get(conversationId) ?? new Set();
      readers.set(conversationId, group.add(reader));
      return {
        close() {
          group.delete(reader);
          if (group.size === 0 && readers.get(conversationId) === group)
            readers.delete(conversationId);
        },
      };
    },

    notify(notice) {
      for (const listener of listeners) listener(notice);
    },

    onNotice(listener) {
      listeners.add(listener);
      return { close: () => void listeners.delete(listener) };
    },
  };
}
