import { patientTimer } from '../time/patient-timer.js';
import type { BackoffOptions } from '../time/retry.js';

/** A model may think for a while, so the first request comes early and later ones are rare. */
const DEFAULTS: BackoffOptions = { minMs: 8_000, maxMs: 60_000 };

/**
 * Asks while something is awaited and nothing is heard: after `minMs`, then after twice as long each time, up to
 * `maxMs`. The moment is spread over a quarter of each wait, so that clients that lost events together do not ask
 * together.
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

  /** Sets whether something is awaited. */
  wait(waits: boolean): void {
    if (waits === this.#waits) return;
    this.#waits = waits;
    this.heard();
  }

  /** Something was heard: the wait starts again. */
  heard(): void {
    this.#asked = 0;
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (!this.#waits) return;
    const { minMs, maxMs } = this.#options;
    const step = Math.min(maxMs, minMs * 2 ** Math.min(this.#asked, 16));
    this.#timer = patientTimer(() => this.#elapsed(), step * (0.75 + Math.random() / 4));
  }

  #elapsed(): void {
    this.#asked += 1;
    this.#arm();
    this.#ask();
  }
}
