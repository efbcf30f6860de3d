import { setTimeout as sleep } from 'node:timers/promises';
import { describeFault, type Fault, targetOf, typeOf } from './faults.js';
import type { Journal } from './journal.js';
import type { Stage } from './stage.js';

/** Causes the faults at their times. Faults on one target run one after another. */
export class FaultRunner {
  readonly #stage: Stage;
  readonly #journal: Journal;
  readonly #healing = new AbortController();
  readonly #queues = new Map<string, Promise<void>>();

  constructor(stage: Stage, journal: Journal) {
    this.#stage = stage;
    this.#journal = journal;
  }

  /** Resolves when the last fault has begun. */
  async run(faults: readonly Fault[]): Promise<void> {
    const began = performance.now();
    for (const fault of faults) {
      await this.#hold(fault.at - (performance.now() - began));
      if (this.#healing.signal.aborted) return;
      const target = targetOf(fault);
      const before = this.#queues.get(target) ?? Promise.resolve();
      this.#queues.set(
        target,
        before.then(() => this.#inflict(fault)),
      );
    }
  }

  /** Ends every fault. Resolves when everything runs again. */
  async heal(): Promise<void> {
    this.#healing.abort();
    await Promise.all(this.#queues.values());
  }

  async #inflict(fault: Fault): Promise<void> {
    if (this.#healing.signal.aborted) return;
    const entry = this.#journal.open(describeFault(fault), fault.kind);
    try {
      await typeOf(fault.kind).run(this.#stage, fault, (ms) => this.#hold(ms));
    } catch (error) {
      this.#journal.note(`${describeFault(fault)} could not be done: ${error}`);
    }
    entry.close();
  }

  async #hold(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal: this.#healing.signal }).catch(() => {});
  }
}
