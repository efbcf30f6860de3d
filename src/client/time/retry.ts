/** The first and the longest wait, in ms. */
export interface BackoffOptions {
  minMs: number;
  maxMs: number;
}

const DEFAULTS: BackoffOptions = { minMs: 250, maxMs: 8_000 };

/** Retries one thing with exponential waits, each spread over half of its length, never two at once. */
export class Retry {
  readonly #options: BackoffOptions;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #work: (() => void) | undefined;

  constructor(options: BackoffOptions = DEFAULTS) {
    this.#options = options;
  }

  get waiting(): boolean {
    return this.#work !== undefined;
  }

  /** `atLeastMs`: the wait that the server asked for. */
  later(work: () => void, atLeastMs = 0): void {
    const step = Math.min(
      this.#options.maxMs,
      this.#options.minMs * 2 ** Math.min(this.#tries, 16),
    );
    this.#tries += 1;
    this.#arm(work, Math.max(atLeastMs, step * (0.5 + Math.random() / 2)));
  }

  /** Runs once, within `ms`, without counting as a failure. */
  within(ms: number, work: () => void): void {
    this.#arm(work, Math.random() * ms);
  }

  /** Runs a waiting retry at once. */
  now(): void {
    const work = this.#work;
    this.cancel();
    work?.();
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#work = undefined;
  }

  /** Drops a waiting retry and the count of failures. */
  reset(): void {
    this.cancel();
    this.#tries = 0;
  }

  #arm(work: () => void, ms: number): void {
    this.cancel();
    this.#work = work;
    this.#timer = setTimeout(() => this.now(), ms);
  }
}
