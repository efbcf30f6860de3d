import { type ReadonlySignal, signal } from '@preact/signals';
import type { RestPage } from '../../client/index.js';

/** A list that grows by pages; null until it is known. */
export interface Listed<T> {
  entries: ReadonlySignal<readonly T[] | null>;
  hasMore: ReadonlySignal<boolean>;
  load(): Promise<void>;
  more(): Promise<void>;
}

export function createListed<T extends { id: number }>(
  read: (cursor: string | null) => Promise<RestPage<T>>,
): Listed<T> & { replace(entry: T): void } {
  const entries = signal<readonly T[] | null>(null);
  const hasMore = signal(false);
  let cursor: string | null = null;
  /** A reply to an earlier question is dropped. */
  let asked = 0;
  const take = async (from: string | null) => {
    asked += 1;
    const mine = asked;
    const isOld = () => mine !== asked;
    const page = await read(from).catch((error: unknown) => {
      if (isOld()) return null;
      throw error;
    });
    if (page === null || isOld()) return;
    entries.value = from === null ? page.entries : [...(entries.value ?? []), ...page.entries];
    cursor = page.next_cursor;
    hasMore.value = cursor !== null;
  };
  return {
    entries,
    hasMore,
    load: () => take(null),
    more: () => take(cursor),
    replace: (entry) => {
      entries.value = entries.value?.map((item) => (item.id === entry.id ? entry : item)) ?? null;
    },
  };
}
