import { setInterval as every } from 'node:timers';
import { LIMITS } from '../../contract/limits.js';
import type { CompletionClaim } from '../../entities/entities.js';
import type { NodeNotices } from '../../ports/node-notices.js';
import type { CompletionRepository } from '../../ports/repositories/completion-repository.js';
import type { Subscription } from '../../ports/subscription.js';
import { type ClaimRunner, ClaimRuns } from '../answers/claims/claim-runs.js';
import { LeaseKeeper, type LeaseOptions } from '../answers/claims/lease-keeper.js';
import type { Logger } from '../logger.js';
import type { CompletionCall } from './completion-runner.js';

export interface CompletionSchedulerDeps {
  db: { completions: Pick<CompletionRepository, 'renew' | 'takeOver'> };
  notices: Pick<NodeNotices, 'onNotice'>;
  logger: Logger;
  createRunner(claim: CompletionClaim, call: CompletionCall | null): ClaimRunner<CompletionClaim>;
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
  readonly #runs = new ClaimRuns<CompletionClaim>(({ id }) => id);
  readonly #claims = new Set<Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;
  #subscription: Subscription | null = null;
  #polling: Promise<void> | null = null;
  #takenBytes = 0;
  #isOpen = false;

  constructor(deps: CompletionSchedulerDeps, options: CompletionSchedulerOptions) {
    const { db, logger } = deps;
    const { nodeId, leaseMs } = options;
    this.#deps = deps;
    this.#options = options;
    this.#leases = new LeaseKeeper(
      {
        logger,
        held: () => ({ running: this.#runs.holders, promised: [] }),
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
      this.#runs.handBackAll();
    }, drainMs);
    await this.#polling;
    await this.#claimed(over.signal);
    await this.#runs.ended();
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
    this.#runs.begin(this.#deps.createRunner(claim, call), onEnd);
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

  /** Resolves when every claim that is being made has begun or failed, or on abort. */
  async #claimed(signal: AbortSignal): Promise<void> {
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    await Promise.race([Promise.allSettled(this.#claims), aborted]);
  }
}
