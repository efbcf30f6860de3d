import { performance } from 'node:perf_hooks';
import type { FlushTimes } from '../../../ports/completion-provider.js';

export interface Flushable {
  flush(): void;
}

/**
 * A busy node may be 50 % late; 65 ms then still stays below the 100 ms that readers notice. A larger configured
 * interval is not capped.
 */
const MOST_INTERVAL_MS = 65;
/** The busy share at which the interval is longest. It leaves capacity for other work. */
const MOST_AT_SHARE = 0.2;
/** A tick may keep the node busy for a quarter of the interval. */
const IDLE_FACTOR = 4;
const SMOOTHING = 0.2;
/** A shorter sample says more about its moment than about the node. */
const SAMPLE_MS = 100;

/** Measures the event loop. */
function createBusyMeter(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const before = last;
    last = performance.eventLoopUtilization();
    return performance.eventLoopUtilization(last, before).utilization;
  };
}

/**
 * One timer for all streams of a node. Scheduled streams are flushed once, on the next tick. Ticks are at least an
 * interval apart, and there is no timer while nothing is scheduled. The busier the node, the longer the interval:
 * fewer, larger deltas cost less, before the load shows as latency.
 */
export class FlushClock implements FlushTimes {
  readonly #baseMs: number;
  readonly #onError: (error: unknown) => void;
  readonly #busyShare: () => number;
  #due = new Set<Flushable>();
  #before: (() => void)[] = [];
  #ticking = false;
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #lastTick = 0;
  /** Time from when a tick was due to its end. */
  #tickMs = 0;
  #share = 0;
  #sampledAt = 0;

  /** `busyShare` returns the share, 0 to 1, of the time since its last call in which this process was busy. */
  constructor(
    intervalMs: number,
    onError: (error: unknown) => void = () => {},
    busyShare = createBusyMeter(),
  ) {
    this.#baseMs = intervalMs;
    this.#onError = onError;
    this.#busyShare = busyShare;
  }

  get intervalMs(): number {
    const most = Math.max(this.#baseMs, MOST_INTERVAL_MS);
    const forShare = this.#baseMs + (most - this.#baseMs) * (this.#share / MOST_AT_SHARE);
    return Math.min(Math.max(forShare, this.#tickMs * IDLE_FACTOR), most);
  }

  schedule(flushable: Flushable): void {
    this.#due.add(flushable);
    this.#arm();
  }

  /**
   * Runs `work` before the next flush, so that data it begins to read is part of that flush. Runs it at once if no
   * tick will come.
   */
  beforeNext(work: () => void): void {
    if (this.#running) this.#before.push(work);
    else this.#guard(work);
    this.#arm();
  }

  start(): void {
    this.#running = true;
    this.#arm();
  }

  /** Idempotent. Scheduled streams are forgotten: whoever ends a stream flushes it. */
  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due.clear();
    for (const work of this.#before.splice(0)) this.#guard(work);
  }

  #arm(afterTick = false): void {
    if (!this.#running || this.#timer || this.#ticking) return;
    if (this.#due.size === 0 && this.#before.length === 0) return;
    const interval = this.intervalMs;
    const now = performance.now();
    const passed = now - this.#lastTick;
    // A tick that took longer than the interval must not delay the next by a whole interval.
    const delay = afterTick && passed > interval ? 0 : interval - (passed % interval);
    this.#timer = setTimeout(() => this.#tick(now + delay), delay);
    this.#timer.unref();
  }

  #tick(dueAt: number): void {
    this.#timer = undefined;
    this.#ticking = true;
    this.#lastTick = performance.now();
    this.#sample(this.#lastTick);
    for (const work of this.#before.splice(0)) this.#guard(work);
    // Immediates run after the event loop has read its sockets.
    setImmediate(() => this.#flush(dueAt));
  }

  #flush(dueAt: number): void {
    const due = this.#due;
    this.#due = new Set();
    for (const flushable of due) this.#guard(() => flushable.flush());
    const busy = Math.max(0, performance.now() - dueAt);
    this.#tickMs += (busy - this.#tickMs) * SMOOTHING;
    this.#ticking = false;
    this.#arm(true);
  }

  #sample(now: number): void {
    if (now - this.#sampledAt < SAMPLE_MS) return;
    this.#sampledAt = now;
    this.#share += (this.#busyShare() - this.#share) * SMOOTHING;
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#onError(error);
    }
  }
}
