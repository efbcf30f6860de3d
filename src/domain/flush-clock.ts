export interface Flushable {
  flush(): void;
}

/** The interval never grows beyond this, unless it was configured so. */
const MAX_INTERVAL_MS = 100;
/** A tick may keep the node busy for a quarter of the interval. */
const IDLE_FACTOR = 4;
const SMOOTHING = 0.2;

/**
 * One timer for all streams of a node. What is scheduled is flushed once, on the next tick; ticks lie at least
 * an interval apart, and there is no timer while nothing is scheduled. Under load the interval grows to 100 ms.
 */
export class FlushClock {
  readonly #baseMs: number;
  readonly #onError: (error: unknown) => void;
  #due = new Set<Flushable>();
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #lastTick = 0;
  #busyMs = 0;

  constructor(intervalMs: number, onError: (error: unknown) => void = () => {}) {
    this.#baseMs = intervalMs;
    this.#onError = onError;
  }

  get intervalMs(): number {
    const most = Math.max(this.#baseMs, MAX_INTERVAL_MS);
    return Math.min(Math.max(this.#baseMs, this.#busyMs * IDLE_FACTOR), most);
  }

  schedule(flushable: Flushable): void {
    this.#due.add(flushable);
    this.#arm();
  }

  start(): void {
    this.#running = true;
    this.#arm();
  }

  /** Idempotent. What is still scheduled is forgotten: whoever ends a stream flushes it. */
  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due.clear();
  }

  #arm(): void {
    if (!this.#running || this.#timer || this.#due.size === 0) return;
    const interval = this.intervalMs;
    const now = performance.now();
    const delay = interval - ((now - this.#lastTick) % interval);
    this.#timer = setTimeout(() => this.#tick(now + delay), delay);
    this.#timer.unref();
  }

  #tick(dueAt: number): void {
    this.#timer = undefined;
    this.#lastTick = performance.now();
    const due = this.#due;
    this.#due = new Set();
    for (const flushable of due) this.#flush(flushable);
    const busy = Math.max(0, performance.now() - dueAt);
    this.#busyMs += (busy - this.#busyMs) * SMOOTHING;
    this.#arm();
  }

  #flush(flushable: Flushable): void {
    try {
      flushable.flush();
    } catch (error) {
      this.#onError(error);
    }
  }
}
