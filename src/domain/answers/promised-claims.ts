import { EventEmitter, once } from 'node:events';
import type { Claim } from '../../model/entities.js';

/** Places that are kept for claims, from their transaction until they are adopted or forfeited. */
export class PromisedClaims {
  #places = 0;
  #won = new Set<Claim>();
  #events = new EventEmitter<{ settled: [] }>();

  get size() {
    return this.#places;
  }

  /** Their transactions may have committed: their leases run. */
  get won(): readonly Claim[] {
    return [...this.#won];
  }

  /** Keeps a place while `claim` asks for one, and on if it wins, until `settle`. */
  async keep(claim: () => Promise<Claim | null>): Promise<Claim | null> {
    this.#places += 1;
    let won: Claim | null = null;
    try {
      won = await claim();
      if (won) this.#won.add(won);
      return won;
    } finally {
      if (!won) this.#free();
    }
  }

  settle(claim: Claim): void {
    if (this.#won.delete(claim)) this.#free();
  }

  /** Resolves when no place is kept, or on abort. */
  async settled(signal: AbortSignal): Promise<void> {
    while (this.#places > 0 && !signal.aborted) {
      await once(this.#events, 'settled', { signal }).catch(() => {});
    }
  }

  #free(): void {
    this.#places -= 1;
    this.#events.emit('settled');
  }
}
