import { setInterval as every } from 'node:timers';
import type { Claim } from '../../../entities/entities.js';
import type { LiveLog } from '../../../ports/live-log.js';
import type { NodeNotices } from '../../../ports/node-notices.js';
import type { Database, Repositories } from '../../../ports/repositories/repositories.js';
import type { Subscription } from '../../../ports/subscription.js';
import type { Telemetry } from '../../../ports/telemetry.js';
import type { Tracing } from '../../../ports/tracing.js';
import type { Logger } from '../../logger.js';
import { Stopped } from '../abort-reasons.js';
import type { AnswerNews } from '../answer-news.js';
import { type AnswerPlace, AnswerPlaces } from '../claims/answer-places.js';
import { type ClaimRunner, ClaimRuns } from '../claims/claim-runs.js';
import { LeaseKeeper } from '../claims/lease-keeper.js';
import { announceEnds } from '../claims/unannounced-ends.js';
import { PATIENCE_MS } from '../model/model-slot.js';

export interface SchedulerOptions {
  nodeId: string;
  leaseMs: number;
  pollMs: number;
  /** Running at once on this node; Infinity switches the limit off. */
  perNode: number;
  /** Running at once per user, on all nodes. */
  perUser: number;
  /** Running at once on all nodes; Infinity switches the limit off. */
  total: number;
}

export interface SchedulerDeps {
  db: Pick<Database, 'generations'>;
  log: LiveLog;
  news: Pick<AnswerNews, 'tell'>;
  notices: NodeNotices;
  logger: Logger;
  telemetry: Telemetry;
  tracing: Pick<Tracing, 'ending'>;
  /** `waited`: the claim was won after the send. */
  createRunner(claim: Claim, waited: boolean): ClaimRunner<Claim>;
  /**
   * How long a request to the model server would wait now, and which models are paused by themselves. Never rejects.
   */
  pace: { waitMs(): Promise<number>; pauses(): Promise<ReadonlyMap<string, number>> };
}

/** Most rows that one poll takes. The next poll follows at once while there are more. */
const BATCH = 50;

/** Claims generations for this node, keeps their leases and runs them. */
export class GenerationScheduler {
  #deps: SchedulerDeps;
  #options: SchedulerOptions;
  #leases: LeaseKeeper<Claim>;
  #runs = new ClaimRuns<Claim>(({ generationId }) => generationId);
  #places: AnswerPlaces;
  /** Places that a claim of several is asked to fill. */
  #asked = 0;
  #timer: NodeJS.Timeout | undefined;
  #subscription: Subscription | null = null;
  #accepting = false;
  #polling: Promise<void> | null = null;
  #pollAgain = false;
  /** The model server accepts no requests for now, so queued generations wait. */
  #paused = false;
  /** Queued generations of these models wait, others begin. */
  #pausedModels: readonly string[] = [];
  #announcing: Promise<void> | null = null;
  /** A node without room only looks for stopped generations, at most once per tick. */
  #looksWithoutRoom = false;

  constructor(deps: SchedulerDeps, options: SchedulerOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#places = new AnswerPlaces({
      hasRoom: () => this.#accepting && this.#room() > 0,
      claim: (tx, generationId) => this.#claimOne(tx, generationId),
      run: (claim) => this.#run(claim, false),
    });
    const held = () => ({ running: this.#runs.holders, promised: this.#places.won });
    const renew = (claims: readonly Claim[]) => this.#renew(claims);
    this.#leases = new LeaseKeeper({ logger: deps.logger, held, renew }, options);
  }

  get running() {
    return this.#runs.size;
  }

  start(): void {
    this.#accepting = true;
    this.#leases.start();
    this.#subscription = this.#deps.notices.onNotice((notice) => {
      if (notice.type === 'work') this.kick();
      if (notice.type === 'stop') this.#runs.abort(notice.generationId, new Stopped());
    });
    this.#timer = every(() => this.#tick(), this.#options.pollMs);
    this.kick();
  }

  /**
   * Claims nothing more, lets running generations continue for at most `drainMs`, then hands the rest back. Resolves
   * when nothing runs.
   */
  async stop(drainMs: number): Promise<void> {
    this.#accepting = false;
    clearInterval(this.#timer);
    const over = new AbortController();
    const deadline = setTimeout(() => {
      over.abort();
      void this.#handBackAll();
    }, drainMs);
    await Promise.all([this.#polling, this.#announcing]);
    await this.#places.settled(over.signal);
    await this.#runs.ended();
    clearTimeout(deadline);
    this.#subscription?.close();
    this.#leases.stop();
  }

  /** A place for the answer of one send. It is taken when the generation is claimed. */
  reserve(): AnswerPlace {
    return this.#places.reserve();
  }

  /** Call it when the data in Postgres went back: drops lost claims, and looks for generations that are there again. */
  recheck(): void {
    this.#leases.recheck();
    this.kick();
  }

  async #renew(claims: readonly Claim[]) {
    const { nodeId, leaseMs } = this.#options;
    const rows = await this.#deps.db.generations.renew(nodeId, leaseMs, claims);
    const renewed = new Map(rows.map((row) => [row.generationId, row]));
    return ({ generationId }: Claim) => renewed.get(generationId);
  }

  async #claimOne(tx: Repositories, generationId: number): Promise<Claim | null> {
    const [claim] = await tx.generations.claim(this.#limits(1), generationId);
    return claim ?? null;
  }

  #run(claim: Claim, waited: boolean): void {
    this.#count(claim, waited);
    this.#runs.begin(this.#deps.createRunner(claim, waited), () => this.kick());
  }

  #count({ attempt, takenOver }: Claim, waited: boolean): void {
    const { telemetry } = this.#deps;
    telemetry.attemptClaimed({ attempt, waited });
    if (takenOver) telemetry.attemptTakenOver({ attempt });
  }

  /** Looks for work soon. Calls during a look are combined into one further look. */
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
      await this.#lookAtPace();
      const claims = await this.#claimMany();
      for (const claim of claims) this.#run(claim, true);
      // Rows left out for their user's cap may have hidden others that could have been taken.
      if (claims.length > 0) this.#pollAgain = true;
    } catch (error) {
      this.#leases.unhealthy(error, 'claim failed');
    }
  }

  /** Sends meanwhile cannot have the places that this claim may fill. */
  async #claimMany(): Promise<Claim[]> {
    this.#asked = Math.max(0, Math.min(this.#room(), BATCH));
    if (this.#asked === 0 && !this.#looksWithoutRoom) return [];
    this.#looksWithoutRoom = false;
    try {
      return await this.#deps.db.generations.claim(this.#limits(this.#asked));
    } finally {
      this.#asked = 0;
    }
  }

  async #lookAtPace(): Promise<void> {
    const { pace } = this.#deps;
    const { pollMs } = this.#options;
    const [waitMs, pauses] = await Promise.all([pace.waitMs(), pace.pauses()]);
    this.#paused = waitMs > pollMs;
    // A generation that begins here must not go straight back to the queue.
    const shortest = Math.min(pollMs, PATIENCE_MS);
    this.#pausedModels = [...pauses].filter(([, ms]) => ms > shortest).map(([model]) => model);
  }

  #tick(): void {
    this.#looksWithoutRoom = true;
    this.kick();
    if (this.#announcing || !this.#leases.mayTakeOver) return;
    this.#announcing = announceEnds(this.#deps, this.#options)
      .catch((error: unknown) => this.#leases.unhealthy(error, 'announcing ends failed'))
      .finally(() => {
        this.#announcing = null;
      });
  }

  #room(): number {
    return this.#options.perNode - this.#runs.size - this.#places.size - this.#asked;
  }

  #limits(room: number) {
    const { nodeId, leaseMs, perUser, total } = this.#options;
    const takeOver = this.#leases.mayTakeOver;
    const paused = { paused: this.#paused, pausedModels: this.#pausedModels };
    return { nodeId, leaseMs, perUser, total, room, takeOver, ...paused };
  }

  /** Waits for a claim that is under way, which could take what is handed back now. */
  async #handBackAll(): Promise<void> {
    await this.#polling;
    this.#runs.handBackAll();
  }
}
