/** The position of a reader in a thread: a message, and how far its top was below the top of what was in view. */
export interface ThreadPlace {
  messageId: number;
  offset: number;
}

/** Places by entry of the history, for the back and forward buttons. */
export interface Places {
  get(key: string): ThreadPlace | null;
  /** Null: at the end, where every thread begins. */
  set(key: string, place: ThreadPlace | null): void;
}

const MOST = 100;

export function createPlaces(): Places {
  const places = new Map<string, ThreadPlace>();
  return {
    get: (key) => places.get(key) ?? null,
    set: (key, place) => {
      places.delete(key);
      if (place === null) return;
      places.set(key, place);
      const [oldest] = places.keys();
      if (places.size > MOST && oldest !== undefined) places.delete(oldest);
    },
  };
}
