import type { Charge } from '../../entities/entities.js';
import { isUnavailable } from '../../entities/errors.js';
import type { UsageRepository } from '../../ports/repositories/usage-repository.js';
import type { Logger } from '../logger.js';
import { retryWhileUnavailable } from '../retry.js';

export interface Owed {
  reservation: number;
  userId: number;
  /** Null: nothing, which must be known too. */
  charge: Charge | null;
}

/** A call beyond this number is counted as what it holds, when that expires; a title beyond it is not counted. */
const MOST = 10_000;
/** Time in which a stopping node waits for Postgres. */
const STOP_MS = 2_000;

/**
 * Counts the charges of calls and titles. A charge whose call ended while Postgres was away is counted once when it is
 * back. Without this node, what a call holds is counted instead (see `UsageRepository.countLost`), and a title costs
 * nothing.
 */
export class OwedCharges {
  readonly #usage: Pick<UsageRepository, 'settle'>;
  readonly #logger: Logger;
  readonly #over = new AbortController();
  #owed: Owed[] = [];
  #working: Promise<void> | null = null;

  constructor(usage: Pick<UsageRepository, 'settle'>, logger: Logger) {
    this.#usage = usage;
    this.#logger = logger;
  }

  /** Counts it, if need be when Postgres is back. Never rejects: the call has ended in any case. */
  async settle(owed: Owed): Promise<void> {
    try {
      await this.#usage.settle(owed.reservation, owed.userId, owed.charge);
    } catch (error) {
      if (isUnavailable(error)) this.#add(owed);
      else this.#lost(owed, error);
    }
  }

  #add(owed: Owed): void {
    if (this.#over.signal.aborted || this.#owed.length >= MOST) {
      this.#lost(owed);
      return;
    }
    this.#owed.push(owed);
    this.#working ??= this.#work();
  }

  /** Waits for Postgres for a short time. Idempotent. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#over.abort(), STOP_MS);
    await this.#working;
    clearTimeout(timer);
    this.#over.abort();
  }

  async #work(): Promise<void> {
    for (let owed = this.#owed[0]; owed; owed = this.#owed[0]) {
      await this.#count(owed);
      this.#owed.shift();
    }
    // Set right after the last look: what is added in between would otherwise wait for the next one.
    this.#working = null;
  }

  async #count(owed: Owed): Promise<void> {
    const { reservation, userId, charge } = owed;
    const count = () => this.#usage.settle(reservation, userId, charge);
    try {
      await retryWhileUnavailable(count, this.#logger, this.#over.signal);
      this.#logger.warn({ userId, tokens: charge?.tokens }, 'a charge was counted late');
    } catch (error) {
      this.#lost(owed, error);
    }
  }

  #lost({ userId, charge }: Owed, err?: unknown): void {
    this.#logger.error({ err, userId, ...charge }, 'a charge was not counted');
  }
}
