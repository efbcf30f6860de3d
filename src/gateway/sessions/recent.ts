interface Entry<T> {
  value: T;
  at: number;
}

/** No handshake takes this long. */
const REMEMBERED_MS = 15_000;
const MOST = 10_000;

/** Recent notices, for sockets that were connecting when they came and so missed them. */
export class Recent<T> {
  #entries = new Map<string, Entry<T>>();

  add(key: string, value: T, now: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, at: now });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MOST && oldest !== undefined) this.#entries.delete(oldest);
  }

  get(key: string): T | null {
    return this.#entries.get(key)?.value ?? null;
  }

  /** Entries are ordered by age, oldest first. */
  forget(now: number): void {
    for (const [key, { at }] of this.#entries) {
      if (now - at < REMEMBERED_MS) return;
      this.#entries.delete(key);
    }
  }
}
