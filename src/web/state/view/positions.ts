/** The position of a reader in a thread: a message, and how far its top was below the top of what was in view. */
export interface ThreadPosition {
  messageId: number;
  offset: number;
}

/** Positions by entry of the history, for the back and forward buttons. */
export interface Positions {
  get(key: string): ThreadPosition | null;
  /** Null: at the end, where every thread begins. */
  set(key: string, position: ThreadPosition | null): void;
}

const MOST = 100;

export function createPositions(): Positions {
  const positions = new Map<string, ThreadPosition>();
  return {
    get: (key) => positions.get(key) ?? null,
    set: (key, position) => {
      positions.delete(key);
      if (position === null) return;
      positions.set(key, position);
      const [oldest] = positions.keys();
      if (positions.size > MOST && oldest !== undefined) positions.delete(oldest);
    },
  };
}
