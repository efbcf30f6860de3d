/** Counted places, at most a fixed number per key. */
export class Places {
  readonly #most: number;
  #taken = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  isFull(key: string): boolean {
    return (this.#taken.get(key) ?? 0) >= this.#most;
  }

  /** Takes a place. Returns an idempotent function that gives it back, or null if none is free. */
  take(key: string): (() => void) | null {
    if (this.isFull(key)) return null;
    this.#change(key, 1);
    let held = true;
    return () => {
      if (held) this.#change(key, -1);
      held = false;
    };
  }

  #change(key: string, by: number): void {
    const count = (this.#taken.get(key) ?? 0) + by;
    if (count > 0) this.#taken.set(key, count);
    else this.#taken.delete(key);
  }
}
