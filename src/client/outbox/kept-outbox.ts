import type { OutboxEntry, OutboxStorage } from './outbox.js';

/** Keeps texts by name: a browser's `localStorage`, React Native's AsyncStorage, or one of your own. */
export interface TextStorage {
  getItem(name: string): string | null | Promise<string | null>;
  setItem(name: string, text: string): unknown;
}

/**
 * An outbox that survives a restart of the program, in one text of `storage`. Programs that run side by side need
 * different names. If the storage fails, messages are kept as long as the program runs.
 * @example
 * const outbox = await keptOutbox(AsyncStorage);
 * const client = createClient({ url, token, refresh, outbox });
 */
export async function keptOutbox(
  storage: TextStorage,
  name = 'parley:outbox',
): Promise<OutboxStorage> {
  let entries = await read(storage, name).catch(() => []);
  let written: Promise<unknown> = Promise.resolve();
  const set = (next: OutboxEntry[]) => {
    entries = next;
    written = written
      .then(() => storage.setItem(name, JSON.stringify(next)))
      .catch(() => undefined);
  };
  return {
    all: () => entries,
    put: (entry) => set([...entries, entry]),
    remove: (clientId) => set(entries.filter(({ client_id }) => client_id !== clientId)),
  };
}

async function read(storage: TextStorage, name: string): Promise<OutboxEntry[]> {
  const kept: unknown = JSON.parse((await storage.getItem(name)) ?? '[]');
  return Array.isArray(kept) ? kept.filter(isEntry) : [];
}

const isEntry = (value: unknown): value is OutboxEntry =>
  typeof value === 'object' && value !== null && 'client_id' in value && 'content' in value;
