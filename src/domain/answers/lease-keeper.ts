import type { Claim } from '../../model/entities.js';
import type { Database } from '../../ports/repositories.js';
import type { Logger } from '../logger.js';
import { LeaseLost, Stopped } from './abort-reasons.js';

export interface LeaseHolder {
  readonly claim: Claim;
  abort(reason: Error): void;
}

/** Whose leases are to be renewed now. */
export interface Held {
  running: readonly LeaseHolder[];
  /** Of transactions that may not have committed yet: not to be found does not mean lost. */
  promised: readonly Claim[];
}

interface LeaseKeeperDeps {
  db: Pick<Database, 'generations'>;
  logger: Logger;
  held(): Held;
}

export interface LeaseOptions {
  nodeId: string;
  leaseMs: number;
}

/**
 * A fraction of a lease. Owners renew every third of it, so an outage of Postgres long enough to expire their leases
 * lasts at least two thirds of it, for every node. A node that renewed within this time cannot have been through one.
 */
const FRESH_FOR = 3 / 5;

/** Renews the leases of a node, aborts what has lost its own, and knows whether others' may be taken over. */
export class LeaseKeeper {
  #deps: LeaseKeeperDeps;
  #options: LeaseOptions;
  #timer: NodeJS.Timeout | undefined;
  #renewing = false;
  #healthySince = Number.POSITIVE_INFINITY;
  #renewedAt = 0;
  #renewedAtWall = 0;
  #now: () => number;

  /** `now`: in ms, of a clock that nobody sets. */
  constructor(deps: LeaseKeeperDeps, options: LeaseOptions, now = () => performance.now()) {
    this.#deps = deps;
    this.#options = options;
    this.#now = now;
  }

  start(): void {
    this.#healthy(this.#now());
    this.#timer = setInterval(() => void this.#renew(), this.#options.leaseMs / 3);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Only after a whole lease of healthy Postgres: after an outage the owners get the chance to renew first. */
  get mayTakeOver(): boolean {
    const now = this.#now();
    return now - this.#healthySince >= this.#options.leaseMs && this.#isFresh(now);
  }

  /** Postgres failed: the lease of health begins anew. */
  unhealthy(error: unknown, message: string): void {
    this.#healthySince = Number.POSITIVE_INFINITY;
    this.#deps.logger.warn({ err: error }, message);
  }

  /** The data went back, and claims with them: now, not at its time. Whoever runs gets a lease's time to say so. */
  recheck(): void {
    this.#healthySince = Number.POSITIVE_INFINITY;
    void this.#renew();
  }

  /** One statement for all leases; one at a time, so that a slow Postgres is not asked more for being slow. */
  async #renew(): Promise<void> {
    if (this.#renewing) return;
    this.#renewing = true;
    const askedAt = this.#now();
    try {
      await this.#renewAll(this.#deps.held());
      this.#healthy(askedAt);
    } catch (error) {
      this.unhealthy(error, 'lease renewal failed');
    } finally {
      this.#renewing = false;
    }
  }

  async #renewAll({ running, promised }: Held): Promise<void> {
    const { nodeId, leaseMs } = this.#options;
    const claims = [...running.map(({ claim }) => claim), ...promised];
    const kept = await this.#deps.db.generations.renew(nodeId, leaseMs, claims);
    const stops = new Map(kept.map((row) => [row.generationId, row.stopRequested]));
    for (const holder of running) {
      const stop = stops.get(holder.claim.generationId);
      if (stop === undefined) holder.abort(new LeaseLost());
      else if (stop) holder.abort(new Stopped());
    }
  }

  /** A machine that was suspended has stopped the one clock, somebody may have set the other: the longer time counts. */
  #isFresh(now: number): boolean {
    const passed = Math.max(now - this.#renewedAt, Date.now() - this.#renewedAtWall);
    return passed < this.#options.leaseMs * FRESH_FOR;
  }

  /** After a gap, because this process or Postgres was frozen, a lease of health begins anew. */
  #healthy(askedAt: number): void {
    const now = this.#now();
    this.#healthySince = this.#isFresh(now) ? Math.min(this.#healthySince, askedAt) : now;
    this.#renewedAt = askedAt;
    this.#renewedAtWall = Date.now() - (now - askedAt);
  }
}
