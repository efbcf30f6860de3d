/** A budget that refills evenly. A refused cost takes nothing, so that a flood does not prolong its own wait. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  /** Refills `perSecond`, up to `burst`. `now`: a monotonic clock, in ms. */
  constructor(perSecond: number, burst: number, now: number) {
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Returns 0, or the ms until `cost` is available. A cost above the burst counts as the whole burst. */
  take(cost: number, now: number): number {
    const waitMs = this.waitMs(cost, now);
    if (waitMs === 0) this.#tokens -= Math.min(cost, this.#burst);
    return waitMs;
  }

  /** The ms until `cost` is available. Takes nothing. */
  waitMs(cost: number, now: number): number {
    this.#refill(now);
    const lacking = Math.min(cost, this.#burst) - this.#tokens;
    return Math.max(0, Math.ceil(lacking / this.#perMs));
  }

  /** Takes `cost` in any case, on credit if necessary. Returns the ms until the credit is paid back. */
  reserve(cost: number, now: number): number {
    this.#refill(now);
    this.#tokens -= cost;
    return this.#tokens >= 0 ? 0 : Math.ceil(-this.#tokens / this.#perMs);
  }

  /** Takes `cost`, or whatever is left. */
  charge(cost: number, now: number): void {
    this.#refill(now);
    this.#tokens = Math.max(0, this.#tokens - cost);
  }

  #refill(now: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
  }
}
