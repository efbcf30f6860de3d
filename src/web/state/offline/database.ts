import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { ChatMessage, OutboxEntry } from '../../../client/index.js';
import type { Conversation, Member } from '../../../contract/rest.js';
import { DATABASE } from './left-copies.js';

/** A conversation as it was when it was last seen. */
export interface KeptConversation {
  user: number;
  id: number;
  /** ms since the epoch. */
  kept_at: number;
  /** Characters of its messages, as JSON. */
  size: number;
  conversation: Conversation;
  members: readonly Member[];
  messages: readonly ChatMessage[];
}

/** The beginning of the list. */
export interface KeptList {
  user: number;
  active: readonly Conversation[];
  pinned: readonly Conversation[];
}

/** A message of the outbox. */
export interface KeptMessage {
  user: number;
  at: number;
  entry: OutboxEntry;
}

export interface OfflineSchema extends DBSchema {
  conversations: {
    key: [user: number, id: number];
    value: KeptConversation;
    indexes: { age: [user: number, kept_at: number, size: number] };
  };
  lists: { key: number; value: KeptList };
  unsent: { key: string; value: KeptMessage };
}

export type Database = IDBPDatabase<OfflineSchema>;
const VERSION = 1;

/**
 * The copies of its user's conversations that a browser keeps. Rejects where nothing can be kept, as in some private
 * windows. `lost` is called when the connection is closed by somebody else.
 */
export const openDatabase = async (lost = () => {}): Promise<Database> =>
  openDB<OfflineSchema>(DATABASE, VERSION, {
    upgrade: (database) => {
      const conversations = database.createObjectStore('conversations', {
        keyPath: ['user', 'id'],
      });
      conversations.createIndex('age', ['user', 'kept_at', 'size']);
      database.createObjectStore('lists', { keyPath: 'user' });
      database.createObjectStore('unsent', { keyPath: 'entry.client_id' });
    },
    // A page of a later version waits until this connection is closed.
    blocking: (_current, _next, event) => {
      (event.target as IDBDatabase).close();
      lost();
    },
    terminated: lost,
  });
