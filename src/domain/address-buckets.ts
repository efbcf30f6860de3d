import { TokenBucket } from './token-bucket.js';

/** Addresses that are remembered; of more the oldest begins anew. */
const MAX_ADDRESSES = 20_000;

/** What each address may ask of this node, counted here alone: cheap enough to be asked before anything is read. */
export class AddressBuckets {
  readonly #perSecond: number;
  readonly #burst: number;
  #buckets = new Map<string, TokenBucket>();

  /** Infinity: no limit. */
  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** 0, or the ms to wait. */
  take(address: string): number {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return 0;
    const now = performance.now();
    const known = this.#buckets.get(address);
    return (known ?? this.#add(address, now)).take(1, now);
  }

  #add(address: string, now: number): TokenBucket {
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size >= MAX_ADDRESSES && oldest !== undefined) this.#buckets.delete(oldest);
    const bucket = new TokenBucket(this.#perSecond, this.#burst, now);
    this.#buckets.set(address, bucket);
    return bucket;
  }
}
