import { rateLimited } from '../../entities/errors.js';
import { Shares } from './shares.js';

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
  #running: Shares<number>;
  #onRefused: () => void;

  /** `onRefused` is called for each work that is refused. */
  constructor(limits: HeavyWorkLimits, onRefused = () => {}) {
    this.#running = new Shares({ perKey: limits.perUser, total: limits.total });
    this.#onRefused = onRefused;
  }

  /** @throws AppError `rate_limited` while too much runs */
  async run<T>(userId: number, work: () => Promise<T>): Promise<T> {
    const leave = this.#running.take(userId);
    if (!leave) {
      this.#onRefused();
      throw rateLimited(RETRY_AFTER_MS);
    }
    try {
      return await work();
    } finally {
      leave();
    }
  }
}
