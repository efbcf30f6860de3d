import { type ReadonlySignal, signal } from '@preact/signals';
import type { RestPage } from '../../client/index.js';

/** A list that grows by pages; null until it is known. */
export interface Listed<T> {
  entries: ReadonlySignal<readonly T[] | null>;
  hasMore: ReadonlySignal<boolean>;
  /**
   * Reads the list from the beginning. Resolves to false if it was asked for again meanwhile, so that this reply, or
   * this failure, says nothing of what is shown.
   */
  load(): Promise<boolean>;
  /** Does nothing while the list is read from the beginning. */
  more(): Promise<void>;
}

export function createListed<T extends { id: number }>(
  read: (cursor: string | null) => Promise<RestPage<T>>,
): Listed<T> & { replace(entry: T): void } {
  const entries = signal<readonly T[] | null>(null);
  const hasMore = signal(false);
  let cursor: string | null = null;
  let asked = 0;
  let loading = 0;
  /** Entries that were replaced since the newest question. */
  let replaced = new Map<number, T>();
  const take = async (from: string | null): Promise<boolean> => {
    asked += 1;
    const mine = asked;
    const newer = new Map<number, T>();
    replaced = newer;
    const isOld = () => mine !== asked;
    const page = await read(from).catch((error: unknown) => {
      if (isOld()) return null;
      throw error;
    });
    if (page === null || isOld()) return false;
    const found = page.entries.map((entry) => newer.get(entry.id) ?? entry);
    entries.value = from === null ? found : [...(entries.value ?? []), ...found];
    cursor = page.next_cursor;
    hasMore.value = cursor !== null;
    return true;
  };
  return {
    entries,
    hasMore,
    load: async () => {
      loading += 1;
      try {
        return await take(null);
      } finally {
        loading -= 1;
      }
    },
    more: async () => {
      if (loading === 0) await take(cursor);
    },
    replace: (entry) => {
      replaced.set(entry.id, entry);
      entries.value = entries.value?.map((item) => (item.id === entry.id ? entry : item)) ?? null;
    },
  };
}
