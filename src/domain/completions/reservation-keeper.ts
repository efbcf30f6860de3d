import { setInterval as every } from 'node:timers';
import type { Charge } from '../../entities/entities.js';
import { type AppError, unavailable } from '../../entities/errors.js';
import type { UsageRepository } from '../../ports/repositories/usage-repository.js';
import type { Logger } from '../logger.js';

/** A call that runs on this node and is stored nowhere. */
export interface RunningCall {
  /** The id of its reservation. */
  readonly reservation: number;
  /** The charge that counts if this node is not heard of any more; null: as noted before, at first nothing. */
  charge(): Charge | null;
  /** The reservation is gone, so further usage of the call would count for nobody. */
  lose(reason: AppError): void;
}

export interface Hold {
  /** Notes its charge at once. */
  keep(): void;
  end(): void;
}

/**
 * Renews what running calls hold of their users' quotas, as leases are renewed. One statement runs at a time; what
 * comes up meanwhile shares the next.
 */
export class ReservationKeeper {
  readonly #usage: Pick<UsageRepository, 'keep'>;
  readonly #logger: Logger;
  readonly #everyMs: number;
  readonly #running = new Set<RunningCall>();
  #due = new Set<RunningCall>();
  #work: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(usage: Pick<UsageRepository, 'keep'>, logger: Logger, everyMs: number) {
    this.#usage = usage;
    this.#logger = logger;
    this.#everyMs = everyMs;
  }

  start(): void {
    this.#timer = every(() => this.#keep(this.#running), this.#everyMs);
  }

  /** Waits for the statement that is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#work;
  }

  hold(call: RunningCall): Hold {
    this.#running.add(call);
    return {
      keep: () => this.#keep([call]),
      end: () => {
        this.#running.delete(call);
        this.#due.delete(call);
      },
    };
  }

  #keep(calls: Iterable<RunningCall>): void {
    for (const call of calls) this.#due.add(call);
    this.#work ??= this.#renewDue().finally(() => {
      this.#work = null;
    });
  }

  async #renewDue(): Promise<void> {
    while (this.#due.size > 0) {
      const calls = [...this.#due];
      this.#due = new Set();
      // The next round tries again.
      await this.#renew(calls).catch((err: unknown) => {
        this.#logger.warn({ err }, 'reservations of running calls could not be renewed');
      });
    }
  }

  async #renew(calls: readonly RunningCall[]): Promise<void> {
    const held = calls.map((call) => ({ id: call.reservation, charge: call.charge() }));
    const kept = new Set(await this.#usage.keep(held));
    for (const call of calls) {
      if (this.#running.has(call) && !kept.has(call.reservation))
        call.lose(unavailable(new Lost()));
    }
  }
}

class Lost extends Error {
  override readonly name = 'Lost';
  override readonly message = 'the reservation of a call is gone';
}
