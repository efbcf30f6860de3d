import { LIMITS } from '../../contract/limits.js';
import { TokenBucket } from './token-bucket.js';

/** Keys that are remembered. Beyond that, the oldest begins again. */
const MAX_KEYS = 20_000;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Bytes of a body that cost as much as a request. */
const BYTES_PER_COST = 2_048;

/** Reading a large body is most of the work of a refused request. A body of unknown length counts as the largest. */
export function costOfRequest(headers: Headers): number {
  const unknown = headers['transfer-encoding'] === undefined ? 0 : LIMITS.payloadBytes;
  const bytes = Number(headers['content-length'] ?? unknown) || 0;
  return 1 + Math.min(bytes, LIMITS.payloadBytes) / BYTES_PER_COST;
}

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
