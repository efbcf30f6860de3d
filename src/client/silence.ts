import type { BackoffOptions } from './retry.js';

/** A model may think for a while: the first question comes early, later ones are rare. */
const DEFAULTS: BackoffOptions = { minMs: 8_000, maxMs: 60_000 };

/**
 * While something is waited for and nothing is heard, it asks: after `minMs`, then each time twice as long, up to `maxMs`.
 * Spread over a quarter of each wait, so that clients that fell silent together do not ask together.
 */
export class Silence {
  readonly #ask: () => void;
  readonly #options: BackoffOptions;
  #waits = false;
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ask: () => void, options: BackoffOptions = DEFAULTS) {
    this.#ask = ask;
    this.#options = options;
  }

  /** Something is waited for, or nothing any more. */
  wait(waits: boolean): void {
    if (waits === this.#waits) return;
    this.#waits = waits;
    this.heard();
  }

  /** News came: the time begins again. */
  heard(): void {
    this.#asked = 0;
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (!this.#waits) return;
    const { minMs, maxMs } = this.#options;
    const step = Math.min(maxMs, minMs * 2 ** Math.min(this.#asked, 16));
    this.#timer = setTimeout(() => this.#elapsed(), step * (0.75 + Math.random() / 4));
    // In Node a question that is not due yet is no reason to stay.
    const timer: unknown = this.#timer;
    if (typeof timer === 'object') (timer as NodeJS.Timeout).unref?.();
  }

  #elapsed(): void {
    this.#asked += 1;
    this.#arm();
    this.#ask();
  }
}
