import { EventEmitter, once } from 'node:events';
import type { Claim } from '../../../entities/entities.js';
import type { Repositories } from '../../../ports/repositories/repositories.js';

/** A place on this node for the answer of one send, from its transaction until it is adopted or released. */
export interface AnswerPlace {
  /**
   * Claims the generation inside the caller's transaction, which has locked its user, if there is room. From now on
   * the place is kept, and the lease is renewed.
   */
  claim(tx: Repositories, generationId: number): Promise<Claim | null>;
  /** Call it after the commit: begins the claimed generation. False if none was claimed. */
  adopt(): boolean;
  /** Gives up a claim that was not adopted, because its transaction failed or its lease expires. Idempotent. */
  release(): void;
}

export interface PlaceDeps {
  hasRoom(): boolean;
  /** Null: the generation must not begin now. */
  claim(tx: Repositories, generationId: number): Promise<Claim | null>;
  run(claim: Claim): void;
}

/** Places that are kept for the answers of sends. */
export class AnswerPlaces {
  #deps: PlaceDeps;
  #places = 0;
  #won = new Set<Claim>();
  #events = new EventEmitter<{ settled: [] }>();

  constructor(deps: PlaceDeps) {
    this.#deps = deps;
  }

  get size() {
    return this.#places;
  }

  /** Claims whose transactions may have committed, so their leases must be renewed. */
  get won(): readonly Claim[] {
    return [...this.#won];
  }

  reserve(): AnswerPlace {
    const { hasRoom, claim, run } = this.#deps;
    let won: Claim | null = null;
    let isReleased = false;
    const release = () => {
      isReleased = true;
      if (won) this.#settle(won);
      won = null;
    };
    return {
      claim: async (tx, generationId) => {
        if (isReleased || !hasRoom()) return null;
        won = await this.#keep(() => claim(tx, generationId));
        return won;
      },
      adopt: () => {
        const adopted = won;
        if (adopted) run(adopted);
        release();
        return adopted !== null;
      },
      release,
    };
  }

  /** Resolves when no place is kept, or on abort. */
  async settled(signal: AbortSignal): Promise<void> {
    while (this.#places > 0 && !signal.aborted) {
      await once(this.#events, 'settled', { signal }).catch(() => {});
    }
  }

  /** Keeps a place while the claim is being made, and afterwards if it is won. */
  async #keep(claim: () => Promise<Claim | null>): Promise<Claim | null> {
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

  #settle(claim: Claim): void {
    if (this.#won.delete(claim)) this.#free();
  }

  #free(): void {
    this.#places -= 1;
    this.#events.emit('settled');
  }
}
