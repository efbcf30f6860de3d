import { type ReadonlySignal, signal } from '@preact/signals';

/** A value that the server has, read again and again. A late reply replaces nothing newer. */
export interface Latest<T> {
  /** Null until it is known. */
  value: ReadonlySignal<T | null>;
  /** @throws whatever the server says, unless a later read has succeeded */
  read(): Promise<void>;
  /**
   * The server has made a change. `edit` is also applied to replies that are on their way, which may have it already.
   */
  change(edit: (value: T) => T): void;
  clear(): void;
}

export function createLatest<T>(ask: () => Promise<T>): Latest<T> {
  const value = signal<T | null>(null);
  const underWay = new Set<((value: T) => T)[]>();
  let asked = 0;
  let taken = 0;
  return {
    value,
    async read() {
      asked += 1;
      const mine = asked;
      const edits: ((value: T) => T)[] = [];
      underWay.add(edits);
      try {
        const found: T = await ask();
        if (mine < taken) return;
        taken = mine;
        value.value = edits.reduce<T>((edited, edit) => edit(edited), found);
      } catch (error) {
        if (mine > taken) throw error;
      } finally {
        underWay.delete(edits);
      }
    },
    change(edit) {
      for (const edits of underWay) edits.push(edit);
      if (value.value !== null) value.value = edit(value.value);
    },
    clear() {
      asked += 1;
      taken = asked;
      value.value = null;
    },
  };
}
