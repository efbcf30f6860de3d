import { TokenBucket } from './token-bucket.js';

/** Keys that are remembered. Beyond that, the oldest begins again. */
const MAX_KEYS = 20_000;

/** A budget for each key, such as an address, on this node alone: cheap enough to check before anything is read. */
export class KeyedBuckets {
  readonly #perSecond: number;
  readonly #burst: number;
  #buckets = new Map<string, TokenBucket>();

  /** Infinity: no limit. */
  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** Returns 0, or the ms to wait. */
  take(key: string, cost = 1): number {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return 0;
    const now = performance.now();
    return this.#bucket(key, now).take(cost, now);
  }

  /** The ms until `cost` is available. Takes nothing. */
  waitMs(key: string, cost: number): number {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return 0;
    const now = performance.now();
    return this.#bucket(key, now).waitMs(cost, now);
  }

  /** Takes `cost` in any case, on credit if necessary. Returns the ms until the credit is paid back. */
  reserve(key: string, cost: number): number {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return 0;
    const now = performance.now();
    return this.#bucket(key, now).reserve(cost, now);
  }

  /** Takes `cost`, or whatever is left. */
  charge(key: string, cost: number): void {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return;
    const now = performance.now();
    this.#bucket(key, now).charge(cost, now);
  }

  #bucket(key: string, now: number): TokenBucket {
    const known = this.#buckets.get(key);
    if (known) return known;
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size >= MAX_KEYS && oldest !== undefined) this.#buckets.delete(oldest);
    const bucket = new TokenBucket(this.#perSecond, this.#burst, now);
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
