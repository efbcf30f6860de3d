import { isRunning } from '../../../client/conversation/message-view.js';
import type { ChatMessage, ConversationState, OutboxEntry } from '../../../client/index.js';
import type { Database, KeptConversation, KeptList } from './database.js';
import { createKeptDatabase } from './kept-database.js';

const CONVERSATIONS = 50;
const LISTED = 100;
/** Characters of one conversation, of which the newest messages are kept, and of all. */
const CONVERSATION_CHARS = 1_000_000;
const ALL_CHARS = 10_000_000;

/** The copies that this browser keeps for its user, to be read without a network. Empty if nothing can be kept. */
export interface Kept {
  conversation(id: number): Promise<KeptConversation | undefined>;
  list(): Promise<KeptList | undefined>;
  keep(state: ConversationState): Promise<void>;
  keepList(list: Omit<KeptList, 'user'>): Promise<void>;
  remove(id: number): Promise<void>;
  /** A message of the outbox, which the service worker sends if no page does. */
  putUnsent(entry: OutboxEntry): Promise<void>;
  removeUnsent(clientId: string): Promise<void>;
  /** All that wait, oldest first. */
  replaceUnsent(entries: readonly OutboxEntry[]): Promise<void>;
  /** Removes everything of every other user. */
  onlyMine(): Promise<void>;
  /** Removes everything of the user, and keeps nothing from now on. */
  forget(): Promise<void>;
}

/** `isCurrent`: the user is still logged in, as far as any tab of this browser knows. */
export function createKept(user: number, isCurrent: () => boolean): Kept {
  const all = createKeptDatabase();
  let over = false;
  const order = createOrder();
  const use = <T>(work: (database: Database) => Promise<T>): Promise<T | undefined> =>
    all.use(work).catch(() => undefined);
  /** Looks last, since it may have taken time to open the database. */
  const write = async (work: (database: Database) => Promise<unknown>): Promise<void> => {
    await use(async (database) => {
      if (!over && isCurrent()) await work(database);
    });
  };
  /** What cannot be removed alone is removed with all the rest. */
  const clear = () =>
    all
      .use((database) => removeWhere(database, (owner) => owner === user))
      .catch(() => all.remove())
      .catch(() => undefined);
  return {
    conversation: (id) => use((database) => database.get('conversations', [user, id])),
    list: () => use((database) => database.get('lists', user)),
    keep: async (state) => {
      const kept = copyOf(user, state);
      if (kept === null) return;
      await write(async (database) => {
        await database.put('conversations', kept);
        await dropOldest(database, user);
      });
    },
    keepList: ({ active, pinned }) => {
      const list = { user, active: active.slice(0, LISTED), pinned: pinned.slice(0, LISTED) };
      return write((database) => database.put('lists', list));
    },
    remove: (id) => write((database) => database.delete('conversations', [user, id])),
    putUnsent: (entry) => {
      const at = order();
      return write((database) => database.put('unsent', { user, at, entry }));
    },
    replaceUnsent: (entries) => {
      const unsent = entries.map((entry) => ({ user, at: order(), entry }));
      return write(async (database) => {
        const { store, done } = database.transaction('unsent', 'readwrite');
        for (const known of await store.getAll())
          if (known.user === user) await store.delete(known.entry.client_id);
        for (const message of unsent) await store.put(message);
        await done;
      });
    },
    removeUnsent: (clientId) => write((database) => database.delete('unsent', clientId)),
    onlyMine: () => write((database) => removeWhere(database, (owner) => owner !== user)),
    forget: () => {
      over = true;
      return clear();
    },
  };
}

/** Times that never repeat. */
function createOrder(): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Date.now());
    return last;
  };
}

/** Null if there is nothing to keep yet. An answer that still runs is not kept: it ends elsewhere. */
function copyOf(user: number, state: ConversationState): KeptConversation | null {
  const { id, phase, conversation, members, lookingAt } = state;
  if (phase !== 'open' || conversation === null || lookingAt !== null) return null;
  const ended = state.messages.filter((message) => !isRunning(message));
  const { messages, size } = newest(ended, CONVERSATION_CHARS);
  return { user, id, kept_at: Date.now(), size, conversation, members, messages };
}

/** The newest messages that fit, oldest first. */
function newest(
  messages: readonly ChatMessage[],
  most: number,
): Pick<KeptConversation, 'messages' | 'size'> {
  const kept: ChatMessage[] = [];
  let size = 0;
  for (let i = messages.length - 1; i >= 0; i -= 1) {
    const message = messages[i];
    if (message === undefined) break;
    const chars = JSON.stringify(message).length;
    if (size + chars > most) break;
    size += chars;
    kept.push(message);
  }
  return { messages: kept.reverse(), size };
}

const allOf = (user: number) => IDBKeyRange.bound([user], [user, []]);

/** Reads keys only, which have the sizes. */
async function dropOldest(database: Database, user: number): Promise<void> {
  const { store, done } = database.transaction('conversations', 'readwrite');
  let count = 0;
  let size = 0;
  let cursor = await store.index('age').openKeyCursor(allOf(user), 'prev');
  for (; cursor !== null; cursor = await cursor.continue()) {
    count += 1;
    size += cursor.key[2];
    if (count > CONVERSATIONS || size > ALL_CHARS) await store.delete(cursor.primaryKey);
  }
  await done;
}

async function removeWhere(database: Database, isMeant: (user: number) => boolean): Promise<void> {
  const all = database.transaction(['conversations', 'lists', 'unsent'], 'readwrite');
  const conversations = all.objectStore('conversations');
  const lists = all.objectStore('lists');
  const unsent = all.objectStore('unsent');
  for (const key of await conversations.getAllKeys())
    if (isMeant(key[0])) await conversations.delete(key);
  for (const key of await lists.getAllKeys()) if (isMeant(key)) await lists.delete(key);
  for (const { user, entry } of await unsent.getAll())
    if (isMeant(user)) await unsent.delete(entry.client_id);
  await all.done;
}
