import type { Logger } from '../../logger.js';
import { LeaseLost, Stopped } from '../abort-reasons.js';
import type { HeldClaim } from './held-claim.js';

export interface LeaseHolder<C> {
  readonly held: HeldClaim<C>;
  abort(reason: Error): void;
}

/** The claims whose leases must be renewed. */
export interface Held<C> {
  running: readonly LeaseHolder<C>[];
  /** Claims of transactions that may not have committed yet: a missing row does not mean a lost lease. */
  promised: readonly C[];
}

/** A lease that was renewed. */
export interface Renewed {
  stopRequested: boolean;
}

interface LeaseKeeperDeps<C> {
  /** Extends leases, all in one statement. Resolves to the result of each; undefined: it is lost. */
  renew(claims: readonly C[]): Promise<(claim: C) => Renewed | undefined>;
  logger: Logger;
  held(): Held<C>;
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

/**
 * Renews the leases of a node, aborts runners that lost theirs, and decides whether others' leases may be taken over.
 */
export class LeaseKeeper<C> {
  #deps: LeaseKeeperDeps<C>;
  #options: Pick<LeaseOptions, 'leaseMs'>;
  #timer: NodeJS.Timeout | undefined;
  #renewing = false;
  #healthySince = Number.POSITIVE_INFINITY;
  #renewedAt = 0;
  #renewedAtWall = 0;
  #now: () => number;

  /** `now`: a monotonic clock, in ms. */
  constructor(
    deps: LeaseKeeperDeps<C>,
    options: Pick<LeaseOptions, 'leaseMs'>,
    now = () => performance.now(),
  ) {
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

  /** True only after a whole lease of healthy Postgres: after an outage the owners must be able to renew first. */
  get mayTakeOver(): boolean {
    const now = this.#now();
    return now - this.#healthySince >= this.#options.leaseMs && this.#isFresh(now);
  }

  /** Postgres failed, so the lease of health begins again. */
  unhealthy(error: unknown, message: string): void {
    this.#healthySince = Number.POSITIVE_INFINITY;
    this.#deps.logger.warn({ err: error }, message);
  }

  /**
   * The data went back, and claims with them: renews now instead of waiting. Running owners get a whole lease to
   * renew.
   */
  recheck(): void {
    this.#healthySince = Number.POSITIVE_INFINITY;
    void this.#renew();
  }

  /** Renews all leases in one statement. Only one runs at a time, so that a slow Postgres gets no further load. */
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

  async #renewAll({ running, promised }: Held<C>): Promise<void> {
    const asked = running.map((holder) => ({ holder, claim: holder.held.current }));
    const renewed = await this.#deps.renew([...asked.map(({ claim }) => claim), ...promised]);
    for (const { holder, claim } of asked) {
      const lease = renewed(claim);
      if (lease?.stopRequested) holder.abort(new Stopped());
      else if (!lease && holder.held.isLost(claim)) holder.abort(new LeaseLost());
    }
  }

  /** A suspended machine stops the monotonic clock, and the wall clock can be set, so the longer time counts. */
  #isFresh(now: number): boolean {
    const passed = Math.max(now - this.#renewedAt, Date.now() - this.#renewedAtWall);
    return passed < this.#options.leaseMs * FRESH_FOR;
  }

  /** Begins the lease of health again after a gap, in which this process or Postgres was frozen. */
  #healthy(askedAt: number): void {
    const now = this.#now();
    this.#healthySince = this.#isFresh(now) ? Math.min(this.#healthySince, askedAt) : now;
    this.#renewedAt = askedAt;
    this.#renewedAtWall = Date.now() - (now - askedAt);
  }
}
