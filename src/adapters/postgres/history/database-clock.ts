/** A reading that took longer is imprecise, and replaces only an old one. */
const PRECISE_MS = 250;
const OLD_MS = 10_000;

/** Postgres' clock, extrapolated by this process' monotonic clock. Changes of the node's own clock do not matter. */
export class DatabaseClock {
  #offsetMs: number | null = null;
  #readAt = 0;

  /** Uses the node's own clock before the first reading. */
  now(): number {
    if (this.#offsetMs === null) return Date.now();
    return Math.round(this.#offsetMs + performance.now());
  }

  /** `timeMs` was read between these two moments of `performance.now()`. */
  set(timeMs: number, askedAt: number, answeredAt: number): void {
    const isNeeded = this.#offsetMs === null || answeredAt - this.#readAt > OLD_MS;
    if (answeredAt - askedAt > PRECISE_MS && !isNeeded) return;
    this.#offsetMs = timeMs - (askedAt + answeredAt) / 2;
    this.#readAt = answeredAt;
  }
}
