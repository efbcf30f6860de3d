/** A reading that took longer says little, and replaces only one that is old. */
const PRECISE_MS = 250;
const OLD_MS = 10_000;

/** Postgres' clock, carried on by this process' monotonic one: what is done to the node's own does not matter. */
export class DatabaseClock {
  #offsetMs: number | null = null;
  #readAt = 0;

  /** Before the first reading by the node's own clock. */
  now(): number {
    if (this.#offsetMs === null) return Date.now();
    return Math.round(this.#offsetMs + performance.now());
  }

  /** `timeMs` was read between two moments of `performance.now()`. */
  set(timeMs: number, askedAt: number, answeredAt: number): void {
    const isNeeded = this.#offsetMs === null || answeredAt - this.#readAt > OLD_MS;
    if (answeredAt - askedAt > PRECISE_MS && !isNeeded) return;
    this.#offsetMs = timeMs - (askedAt + answeredAt) / 2;
    this.#readAt = answeredAt;
  }
}
