import type { ParleyError } from '../parley-error.js';

/** The longest wait for a limit without telling the user. */
const PATIENCE_MS = 15_000;
/** Retries after refusals by a server that is up. */
const TRIES_MAX = 5;

/** Waits for a server that is away. Asks a server that refuses only a few times. */
export class Patience {
  #tries = 0;

  mayRepeat(error: ParleyError): boolean {
    if (error.code === 'unavailable') return true;
    this.#tries += 1;
    const patient = (error.retryAfterMs ?? 0) <= PATIENCE_MS;
    return error.retryable && patient && this.#tries < TRIES_MAX;
  }

  reset(): void {
    this.#tries = 0;
  }
}
