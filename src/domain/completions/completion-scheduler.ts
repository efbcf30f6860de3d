import { setInterval as every } from 'node:timers';
import { LIMITS } from '../../contract/limits.js';
import type { CompletionClaim } from '../../model/entities.js';
import type { NodeNotices } from '../../ports/node-notices.js';
import type { CompletionRepository } from '../../ports/repositories/completion-repository.js';
import type { Subscription } from '../../ports/subscription.js';
import { HandedBack, LeaseLost } from '../answers/abort-reasons.js';
import { LeaseKeeper, type LeaseOptions } from '../answers/claims/lease-keeper.js';
import type { Logger } from '../logger.js';
import type { CompletionCall, CompletionRunner } from './completion-runner.js';

/** What the scheduler needs of a runner. */
export type CompletionRun = Pick<CompletionRunner, 'claim' | 'held' | 'abort' | 'run'>;

export interface CompletionSchedulerDeps {
  db: { completions: Pick<CompletionRepository, 'renew' | 'takeOver'> };
  notices: Pick<NodeNotices, 'onNotice'>;
  logger: Logger;
  createRunner(claim: CompletionClaim, call: CompletionCall | null): CompletionRun;
}

export interface CompletionSchedulerOptions extends LeaseOptions {
  pollMs: number;
}

/** Most rows that one look takes. */
const BATCH = 20;
/** Bytes of the requests that the node holds for others. A look takes nothing beyond them but its last request. */
const TAKEN_BYTES = 4 * LIMITS.completionBytes;

/** Runs the completions that this node has begun, keeps their leases, and takes over those of nodes that are gone. */
export class CompletionScheduler {
  readonly #deps: CompletionSchedulerDeps;
  readonly #options: CompletionSchedulerOptions;
  readonly #leases: LeaseKeeper<CompletionClaim>;
  readonly #runners = new Map<number, CompletionRun>();
  readonly #runs = new Set<Promise<void>>();
  readonly #claims = new Set<Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;
  #subscription: Subscription | null = null;
  #polling: Promise<void> | null = null;
  #takenBytes = 0;
  #isOpen = false;
  #handingBack = false;

  constructor(deps: CompletionSchedulerDeps, options: CompletionSchedulerOptions) {
    const { db, logger } = deps;
    const { nodeId, leaseMs } = options;
    this.#deps = deps;
    this.#options = options;
    this.#leases = new LeaseKeeper(
      {
        logger,
        held: () => ({ running: [...this.#runners.values()], promised: [] }),
        renew: async (claims) => {
          const kept = new Set(await db.completions.renew(nodeId, leaseMs, claims));
          return ({ id }) => (kept.has(id) ? { stopRequested: false } : undefined);
        },
      },
      options,
    );
  }

  /** Whether completions may begin here. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  start(): void {
    this.#isOpen = true;
    this.#leases.start();
    this.#subscription = this.#deps.notices.onNotice(({ type }) => {
      if (type === 'work') this.kick();
    });
    this.#timer = every(() => this.kick(), this.#options.pollMs);
  }

  /** Takes nothing more, lets completions continue for at most `drainMs`, and hands the rest back. */
  async stop(drainMs: number): Promise<void> {
    this.#isOpen = false;
    clearInterval(this.#timer);
    const over = new AbortController();
    const deadline = setTimeout(() => {
      over.abort();
      this.#handBackAll();
    }, drainMs);
    await this.#polling;
    await this.#claimed(over.signal);
    while (this.#runs.size > 0) await Promise.all(this.#runs);
    clearTimeout(deadline);
    this.#subscription?.close();
    this.#leases.stop();
  }

  /** Call it when the data in Postgres went back: drops lost claims. */
  recheck(): void {
    this.#leases.recheck();
  }

  /** `work` claims a completion and begins it: `stop` waits for both, so that no claim is left without its run. */
  async claiming<T>(work: () => Promise<T>): Promise<T> {
    const claim = work();
    this.#claims.add(claim);
    try {
      return await claim;
    } finally {
      this.#claims.delete(claim);
    }
  }

  /** Begins a claim. `call`: null if another node had begun it. `onEnd`: nothing of it is left on this node. */
  run(claim: CompletionClaim, call: CompletionCall | null, onEnd: () => void = () => {}): void {
    const runner = this.#deps.createRunner(claim, call);
    if (this.#handingBack) runner.abort(new HandedBack());
    this.#hold(runner);
    const run = runner.run().finally(() => {
      if (this.#runners.get(claim.id) === runner) this.#runners.delete(claim.id);
      this.#runs.delete(run);
      onEnd();
    });
    this.#runs.add(run);
  }

  /** Looks for completions of nodes that are gone. Calls during a look are left to the next one. */
  kick(): void {
    if (!this.#isOpen || this.#polling || !this.#leases.mayTakeOver) return;
    if (this.#takenBytes >= TAKEN_BYTES) return;
    this.#polling = this.#takeOver().finally(() => {
      this.#polling = null;
    });
  }

  async #takeOver(): Promise<void> {
    const { nodeId, leaseMs } = this.#options;
    try {
      const room = { rows: BATCH, bytes: TAKEN_BYTES - this.#takenBytes };
      const taken = await this.#deps.db.completions.takeOver(nodeId, leaseMs, room);
      for (const { bytes, ...claim } of taken) {
        this.#takenBytes += bytes;
        this.run(claim, null, () => {
          this.#takenBytes -= bytes;
        });
      }
    } catch (error) {
      this.#leases.unhealthy(error, 'taking completions over failed');
    }
  }

  /** A node that was frozen may claim what it still runs. Only the higher attempt keeps its lease. */
  #hold(runner: CompletionRun): void {
    const { id, attempt } = runner.claim;
    const other = this.#runners.get(id);
    const isNewer = other === undefined || other.claim.attempt < attempt;
    if (isNewer) this.#runners.set(id, runner);
    (isNewer ? other : runner)?.abort(new LeaseLost());
  }

  /** Resolves when every claim that is being made has begun or failed, or on abort. */
  async #claimed(signal: AbortSignal): Promise<void> {
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    await Promise.race([Promise.allSettled(this.#claims), aborted]);
  }

  #handBackAll(): void {
    this.#handingBack = true;
    for (const runner of this.#runners.values()) runner.abort(new HandedBack());
  }
}
