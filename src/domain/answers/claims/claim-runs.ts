import { HandedBack, LeaseLost } from '../abort-reasons.js';
import type { LeaseHolder } from './lease-keeper.js';

/** What runs one claim. */
export interface ClaimRunner<C> extends LeaseHolder<C> {
  /** Resolves when nothing of the claim is left to do on this node. Never rejects. */
  run(): Promise<void>;
}

/** The claims that run on a node, each known by the id of what it claims. */
export class ClaimRuns<C extends { attempt: number }> {
  readonly #idOf: (claim: C) => number;
  readonly #runners = new Map<number, ClaimRunner<C>>();
  readonly #runs = new Set<Promise<void>>();
  #handsBack = false;

  constructor(idOf: (claim: C) => number) {
    this.#idOf = idOf;
  }

  get size(): number {
    return this.#runners.size;
  }

  /** Those whose leases must be renewed. */
  get holders(): readonly LeaseHolder<C>[] {
    return [...this.#runners.values()];
  }

  /** Runs a claim, and calls `onEnd` when it has ended here. Once all are handed back, this one is, too. */
  begin(runner: ClaimRunner<C>, onEnd: () => void): void {
    const id = this.#idOf(runner.held.current);
    if (this.#handsBack) runner.abort(new HandedBack());
    this.#hold(id, runner);
    const run = runner.run().finally(() => {
      if (this.#runners.get(id) === runner) this.#runners.delete(id);
      this.#runs.delete(run);
      onEnd();
    });
    this.#runs.add(run);
  }

  /** Does nothing if the claim with this id does not run here. */
  abort(id: number, reason: Error): void {
    this.#runners.get(id)?.abort(reason);
  }

  handBackAll(): void {
    this.#handsBack = true;
    for (const runner of this.#runners.values()) runner.abort(new HandedBack());
  }

  /** Resolves when none runs, also of those that begin meanwhile. */
  async ended(): Promise<void> {
    while (this.#runs.size > 0) await Promise.all(this.#runs);
  }

  /** A node that was frozen may claim what it still runs. Only the higher attempt keeps its lease. */
  #hold(id: number, runner: ClaimRunner<C>): void {
    const other = this.#runners.get(id);
    const isNewer = other === undefined || other.held.current.attempt < runner.held.current.attempt;
    if (isNewer) this.#runners.set(id, runner);
    (isNewer ? other : runner)?.abort(new LeaseLost());
  }
}
