export interface ShareLimits {
  /** The most that one key may hold; Infinity switches the limit off. */
  perKey: number;
  /** The most that all keys may hold together. Default: any amount */
  total?: number;
}

/** What a share would exceed. */
export type Shortage = 'key' | 'total';

/** Amounts that are taken and given back: bounded for each key, and for all keys together. */
export class Shares<K> {
  readonly #perKey: number;
  readonly #mostInTotal: number;
  readonly #held = new Map<K, number>();
  #total = 0;

  constructor({ perKey, total = Number.POSITIVE_INFINITY }: ShareLimits) {
    this.#perKey = perKey;
    this.#mostInTotal = total;
  }

  /** Null: the amount can be taken now. */
  shortage(key: K, amount = 1): Shortage | null {
    if ((this.#held.get(key) ?? 0) + amount > this.#perKey) return 'key';
    return this.#total + amount > this.#mostInTotal ? 'total' : null;
  }

  /** Returns an idempotent function that gives the amount back, or null if there is a shortage. */
  take(key: K, amount = 1): (() => void) | null {
    if (this.shortage(key, amount)) return null;
    this.#change(key, amount);
    let isHeld = true;
    return () => {
      if (isHeld) this.#change(key, -amount);
      isHeld = false;
    };
  }

  #change(key: K, by: number): void {
    this.#total += by;
    const held = (this.#held.get(key) ?? 0) + by;
    if (held > 0) this.#held.set(key, held);
    else this.#held.delete(key);
  }
}
