import { setInterval as every } from 'node:timers';
import type { NodeNotices, Subscription } from '../ports/engine.js';
import type { Database, Repositories } from '../ports/repositories.js';
import { HandedBack, LeaseLost, Stopped } from './abort-reasons.js';
import { type Claim, isFinished } from './entities.js';
import { GenerationRunner, type RunnerDeps } from './generation-runner.js';
import { completedEvent, outcomeOfMessage } from './outcome.js';

export interface SchedulerOptions {
  nodeId: string;
  leaseMs: number;
  pollMs: number;
  /** Running at once here; Infinity switches the limit off. */
  perNode: number;
  /** Running at once per user, on all nodes. */
  perUser: number;
}

interface SchedulerDeps extends RunnerDeps {
  db: Database;
  notices: NodeNotices;
}

/** Most rows that one poll takes; the next one follows at once while there is more. */
const BATCH = 50;

/** Claims generations for this node, keeps their leases and runs them. */
export class GenerationScheduler {
  #deps: SchedulerDeps;
  #options: SchedulerOptions;
  #runners = new Map<number, GenerationRunner>();
  #runs = new Set<Promise<void>>();
  /** Places of claims whose transaction is under way. */
  #promised = 0;
  #timers: NodeJS.Timeout[] = [];
  #subscription: Subscription | null = null;
  #accepting = false;
  #polling: Promise<void> | null = null;
  #pollAgain = false;
  #renewing = false;
  #healthySince = Number.POSITIVE_INFINITY;
  #renewedAt = 0;

  constructor(deps: SchedulerDeps, options: SchedulerOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  get running() {
    return this.#runners.size;
  }

  start(): void {
    this.#accepting = true;
    this.#healthy(Date.now());
    this.#subscription = this.#deps.notices.onNotice((notice) => {
      if (notice.type === 'work') this.kick();
      if (notice.type === 'stop') this.#runners.get(notice.generationId)?.abort(new Stopped());
    });
    this.#timers = [
      every(() => this.kick(), this.#options.pollMs),
      every(() => void this.#renew(), this.#options.leaseMs / 3),
    ];
    this.kick();
  }

  /**
   * Claims nothing more, lets running generations go on for at most `drainMs`, then hands the rest back.
   * Resolves when nothing runs.
   */
  async stop(drainMs: number): Promise<void> {
    this.#accepting = false;
    this.#subscription?.close();
    const [poll, renew] = this.#timers;
    clearInterval(poll);
    await this.#polling;
    const deadline = setTimeout(() => this.#abortAll(new HandedBack()), drainMs);
    while (this.#runs.size > 0) await Promise.all(this.#runs);
    clearTimeout(deadline);
    clearInterval(renew);
  }

  /**
   * Claims one generation inside the caller's transaction, if there is room. The place is kept until the claim
   * is adopted after the commit, or forfeited because the transaction failed.
   */
  async claimWithin(tx: Repositories, messageId: number): Promise<Claim | null> {
    if (!this.#accepting || this.#room() <= 0) return null;
    this.#promised += 1;
    let claim: Claim | undefined;
    try {
      [claim] = await tx.generations.claim(this.#limits(1), messageId);
      return claim ?? null;
    } finally {
      if (!claim) this.#promised -= 1;
    }
  }

  forfeit(_claim: Claim): void {
    this.#promised -= 1;
  }

  adopt(claim: Claim): void {
    this.#promised -= 1;
    this.#run(claim);
  }

  #run(claim: Claim): void {
    const runner = new GenerationRunner(this.#deps, claim);
    if (!this.#accepting) runner.abort(new HandedBack());
    this.#hold(runner);
    const run = runner.run().finally(() => {
      this.#drop(runner);
      this.#runs.delete(run);
      this.kick();
    });
    this.#runs.add(run);
  }

  /** A node that was frozen may claim what it still runs: only the higher attempt keeps its lease. */
  #hold(runner: GenerationRunner): void {
    const { generationId, attempt } = runner.claim;
    const other = this.#runners.get(generationId);
    const isNewer = other === undefined || other.claim.attempt < attempt;
    if (isNewer) this.#runners.set(generationId, runner);
    (isNewer ? other : runner)?.abort(new LeaseLost());
  }

  #drop(runner: GenerationRunner): void {
    const { generationId } = runner.claim;
    if (this.#runners.get(generationId) === runner) this.#runners.delete(generationId);
  }

  /** Looks for work soon; calls while it looks are folded into one more look. */
  kick(): void {
    if (!this.#accepting) return;
    if (this.#polling) {
      this.#pollAgain = true;
      return;
    }
    this.#polling = this.#poll().finally(() => {
      this.#polling = null;
      if (this.#pollAgain) this.kick();
    });
  }

  async #poll(): Promise<void> {
    this.#pollAgain = false;
    try {
      const room = Math.min(this.#room(), BATCH);
      const claims = await this.#deps.db.generations.claim(this.#limits(room));
      for (const claim of claims) this.#run(claim);
      // What was left out because its user had too much may hide what could have been taken.
      if (claims.length > 0) this.#pollAgain = true;
      await this.#announceOrphans();
    } catch (error) {
      this.#unhealthy(error, 'claim failed');
    }
  }

  /** Ends that a dead owner had stored but perhaps not announced. */
  async #announceOrphans(): Promise<void> {
    const { db, log } = this.#deps;
    const { nodeId, leaseMs } = this.#options;
    if (!this.#mayTakeOver()) return;
    for (const { generationId, message } of await db.generations.claimUnannounced(
      nodeId,
      leaseMs,
      BATCH,
    )) {
      const key = { conversationId: message.conversation_id, messageId: message.id };
      if (isFinished(message)) {
        await log.publish(key.conversationId, completedEvent(key, outcomeOfMessage(message)));
      }
      await log.retire(key);
      await db.generations.delete(generationId);
    }
  }

  /** One statement for all leases; one at a time, so that a slow Postgres is not asked more for being slow. */
  async #renew(): Promise<void> {
    if (this.#renewing) return;
    this.#renewing = true;
    const askedAt = Date.now();
    try {
      await this.#renewLeases([...this.#runners.values()]);
      this.#healthy(askedAt);
    } catch (error) {
      this.#unhealthy(error, 'lease renewal failed');
    } finally {
      this.#renewing = false;
    }
  }

  async #renewLeases(held: GenerationRunner[]): Promise<void> {
    const { nodeId, leaseMs } = this.#options;
    const claims = held.map((runner) => runner.claim);
    const kept = await this.#deps.db.generations.renew(nodeId, leaseMs, claims);
    const stops = new Map(kept.map((row) => [row.generationId, row.stopRequested]));
    for (const runner of held) {
      const stop = stops.get(runner.claim.generationId);
      if (stop === undefined) runner.abort(new LeaseLost());
      else if (stop) runner.abort(new Stopped());
    }
  }

  /** After a gap, because this process was frozen, a lease of health begins anew. */
  #healthy(askedAt: number): void {
    const resumed = askedAt - this.#renewedAt >= this.#options.leaseMs;
    this.#healthySince = resumed ? askedAt : Math.min(this.#healthySince, askedAt);
    this.#renewedAt = askedAt;
  }

  #unhealthy(error: unknown, message: string): void {
    this.#healthySince = Number.POSITIVE_INFINITY;
    this.#deps.logger.warn({ err: error }, message);
  }

  /** Only after a whole lease of healthy Postgres: after an outage the owners get the chance to renew first. */
  #mayTakeOver(): boolean {
    const { leaseMs } = this.#options;
    const now = Date.now();
    return now - this.#healthySince >= leaseMs && now - this.#renewedAt < leaseMs;
  }

  #room(): number {
    return this.#options.perNode - this.#runners.size - this.#promised;
  }

  #limits(room: number) {
    const { nodeId, leaseMs, perUser } = this.#options;
    return { nodeId, leaseMs, perUser, room, takeOver: this.#mayTakeOver() };
  }

  #abortAll(reason: Error): void {
    for (const runner of this.#runners.values()) runner.abort(reason);
  }
}
