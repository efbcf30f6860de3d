import { rateLimited } from '../../entities/errors.js';

export interface HeavyWorkLimits {
  /** Running at once for one user; Infinity switches the limit off. */
  perUser: number;
  /** Running at once on this node. */
  total: number;
}

const RETRY_AFTER_MS = 500;

/**
 * Limits work that costs Postgres much more than other calls: searches and exports. Excess work is refused instead of
 * queued, so that nothing begins after its right has ended.
 */
export class HeavyWork {
  #limits: HeavyWorkLimits;
  #onRefused: () => void;
  #running = new Map<number, number>();
  #total = 0;

  /** `onRefused` is called for each work that is refused. */
  constructor(limits: HeavyWorkLimits, onRefused = () => {}) {
    this.#limits = limits;
    this.#onRefused = onRefused;
  }

  /** @throws AppError `rate_limited` while too much runs */
  async run<T>(userId: number, work: () => Promise<T>): Promise<T> {
    const running = this.#running.get(userId) ?? 0;
    const { perUser, total } = this.#limits;
    if (running >= perUser || this.#total >= total) {
      this.#onRefused();
      throw rateLimited(RETRY_AFTER_MS);
    }
    this.#running.set(userId, running + 1);
    this.#total += 1;
    try {
      return await work();
    } finally {
      this.#leave(userId);
    }
  }

  #leave(userId: number): void {
    this.#total -= 1;
    const running = (this.#running.get(userId) ?? 1) - 1;
    if (running > 0) this.#running.set(userId, running);
    else this.#running.delete(userId);
  }
}
