import type { OutboxEntry, OutboxStorage } from './outbox.js';

/** Keeps texts by name: a browser's `localStorage`, React Native's AsyncStorage, or one of your own. */
export interface TextStorage {
  getItem(name: string): string | null | Promise<string | null>;
  setItem(name: string, text: string): unknown;
}

/**
 * An outbox that survives a restart of the program, in one text of `storage`. Programs that run side by side need
 * different names. If the storage fails, messages are kept as long as the program runs. If it could not be read at the
 * start, what it holds stays there for the next run.
 * @example
 * const outbox = await keptOutbox(AsyncStorage);
 * const client = createClient({ url, token, refresh, outbox });
 */
export async function keptOutbox(
  storage: TextStorage,
  name = 'parley:outbox',
): Promise<OutboxStorage> {
  const known = await read(storage, name).catch(() => null);
  let entries = known ?? [];
  /** Entries that could not be read at the start; null: not yet. */
  let earlier: OutboxEntry[] | null = known && [];
  let written: Promise<unknown> = Promise.resolve();
  const write = async (next: OutboxEntry[]) => {
    earlier ??= await read(storage, name);
    await storage.setItem(name, JSON.stringify([...earlier, ...next]));
  };
  const set = (next: OutboxEntry[]) => {
    entries = next;
    written = written.then(() => write(next)).catch(() => undefined);
  };
  return {
    all: () => entries,
    put: (entry) => set([...entries, entry]),
    remove: (clientId) => set(entries.filter(({ client_id }) => client_id !== clientId)),
  };
}

/** Rejects if the storage cannot be read now. */
async function read(storage: TextStorage, name: string): Promise<OutboxEntry[]> {
  const kept = parse((await storage.getItem(name)) ?? '[]');
  return Array.isArray(kept) ? kept.filter(isEntry) : [];
}

/** What is damaged counts as nothing. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const isEntry = (value: unknown): value is OutboxEntry =>
  typeof value === 'object' && value !== null && 'client_id' in value && 'content' in value;
