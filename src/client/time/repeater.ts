import { toParleyError } from '../parley-error.js';
import { Patience } from './patience.js';
import { Retry } from './retry.js';

/** Repeats calls until they are acknowledged or finally refused, however many connections that takes. */
export class Repeater {
  readonly #waiting = new Set<() => void>();
  #online = false;

  setOnline(online: boolean): void {
    this.#online = online;
    if (!online) return;
    for (const goOn of [...this.#waiting]) goOn();
  }

  /** `call` learns whether an earlier try may have taken effect. Rejects with a `ParleyError`. */
  async run<T>(call: (repeated: boolean) => Promise<T>): Promise<T> {
    const patience = new Patience();
    const retry = new Retry();
    for (let repeated = false; ; repeated = true) {
      await this.#connection();
      try {
        return await call(repeated);
      } catch (reason) {
        const error = toParleyError(reason);
        if (!patience.mayRepeat(error)) throw error;
        await this.#pause(retry, error.retryAfterMs);
      }
    }
  }

  #connection(): Promise<void> {
    if (this.#online) return Promise.resolve();
    return new Promise((resolve) => this.#wake(resolve));
  }

  /** A new connection ends the pause. */
  #pause(retry: Retry, atLeastMs: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const goOn = this.#wake(() => {
        retry.cancel();
        resolve();
      });
      retry.later(goOn, atLeastMs);
    });
  }

  #wake(work: () => void): () => void {
    const goOn = () => {
      this.#waiting.delete(goOn);
      work();
    };
    this.#waiting.add(goOn);
    return goOn;
  }
}
